/* test_age.c - what is sealed opens again at every length round a chunk's end, and nothing changed, cut or
 * longer opens. That it is the open format, age itself says (tests/privacy/test_encrypted.py). */
#include "../cm.h"
#include "sys/age.h"

#include <stdio.h>

enum { CHUNK = 64 * 1024, CEILING = 1 << 20 };

static const struct str phrase = { "uma frase de teste", 18 };

static struct buf
sealed_of(struct str plain)
{
	struct buf b;

	buf_init(&b, CEILING);
	assert_int_equal(age_seal(phrase, plain, &b), OK);
	assert_false(buf_failed(&b));
	return b;
}

/* What opening answers; what it gave is compared by the caller. */
static enum err
opened(struct str with, struct str sealed, struct buf *out)
{
	buf_init(out, CEILING);
	return age_open(with, sealed, out);
}

static void
test_every_length(void **state)
{
	static const size_t lengths[] = { 0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK };
	static char text[2 * CHUNK];

	(void)state;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)(i * 7 + i / 251);
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct buf sealed = sealed_of((struct str){ text, lengths[i] }), plain;

		assert_int_equal(opened(phrase, buf_view(&sealed), &plain), OK);
		assert_int_equal(plain.n, lengths[i]);
		assert_true(plain.n == 0 || memcmp(plain.p, text, plain.n) == 0);
		buf_free(&plain);
		buf_free(&sealed);
	}
}

static void
refused(struct str with, struct str sealed, enum err want)
{
	struct buf plain;

	assert_int_equal(opened(with, sealed, &plain), want);
	assert_int_equal(plain.n, 0);
	buf_free(&plain);
}

static void
test_another_passphrase(void **state)
{
	struct buf sealed = sealed_of(STR("segredo"));

	(void)state;
	refused(STR("uma frase de testa"), buf_view(&sealed), ERR_CREDENTIALS);
	buf_free(&sealed);
}

/* One bit at each of these places: salt, wrapped key, the header's code, the payload's nonce, its text, its
 * tag. */
static void
test_changed(void **state)
{
	static const size_t places[] = { 40, 60, 90, 125, 168, 185 };
	struct buf sealed = sealed_of(STR("segredo de alguém"));

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		struct buf plain;

		assert_true(places[i] < sealed.n);
		sealed.p[places[i]] ^= 1;
		assert_int_not_equal(opened(phrase, buf_view(&sealed), &plain), OK);
		assert_int_equal(plain.n, 0);
		buf_free(&plain);
		sealed.p[places[i]] ^= 1;
	}
	buf_free(&sealed);
}

static void
test_cut_or_longer(void **state)
{
	static char text[CHUNK + 1];
	struct buf sealed = sealed_of((struct str){ text, sizeof text });
	struct str whole = buf_view(&sealed);

	(void)state;
	refused(phrase, (struct str){ whole.p, whole.n - 17 }, ERR_MALFORMED); /* the last chunk as a whole */
	refused(phrase, (struct str){ whole.p, whole.n - 1 }, ERR_MALFORMED);
	refused(phrase, (struct str){ whole.p, 100 }, ERR_MALFORMED);
	refused(phrase, (struct str){ NULL, 0 }, ERR_MALFORMED);
	buf_byte(&sealed, 0);
	refused(phrase, buf_view(&sealed), ERR_MALFORMED);
	buf_free(&sealed);
}

/* A file cannot ask for any amount of memory: refused before scrypt runs. */
static void
test_work_asked_for(void **state)
{
	static const char *const works[] = { "21", "99", "0", "08", "160", "x" };

	(void)state;
	for (size_t i = 0; i < COUNT(works); i++) {
		char text[400];
		int n = snprintf(text, sizeof text,
		        "age-encryption.org/v1\n-> scrypt ojm8JFqIseR6PsUpAv2awg %s\n"
		        "iSM2/U7g8VIBhQjbKBcwc86Tbzc1QuHkVAtM7wPLclQ\n"
		        "--- ZuV/rQVaUtwaYewweTopb51yaNQOTe6uAODYHqemKy4\n0123456789012345 and a payload of "
		        "sixteen",
		        works[i]);

		refused(phrase, (struct str){ text, (size_t)n }, ERR_MALFORMED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_another_passphrase),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_cut_or_longer),
		cmocka_unit_test(test_work_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
