/* test_crypto.c - known answers of the standards, and that no altered byte opens. */
#include "../cm.h"
#include "sys/crypto_openssl.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct blob
from_hex(const char *hex)
{
	struct str text = str_of(hex);
	unsigned char *p = malloc(text.n / 2 + 1);

	assert_non_null(p);
	assert_true(hex_parse(text, p, text.n / 2));
	return (struct blob){ p, text.n / 2 };
}

static void
assert_hex(const unsigned char *got, size_t n, const char *want)
{
	char hex[512];

	assert_true(2 * n < sizeof hex);
	hex_print(got, n, hex);
	assert_string_equal(hex, want);
}

static struct str
as_str(struct blob b)
{
	return (struct str){ (const char *)b.p, b.n };
}

/* n bytes that count by step; the four last ones stay valid. */
static struct blob
run(unsigned char first, int step, size_t n)
{
	static unsigned char rooms[4][160];
	static unsigned turn;
	unsigned char *p = rooms[turn++ % COUNT(rooms)];

	assert_true(n <= sizeof rooms[0]);
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(first + (int)i * step);
	return (struct blob){ p, n };
}

/* McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 to 16. */
static const struct gcm_case {
	const char *key, *nonce, *aad, *plain, *text, *tag;
} gcm_cases[] = {
	{ "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
	        "", "", "530f8afbc74536b9a963b4f1c4cb738b" },
	{ "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
	        "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18",
	        "d0d1c8a799996bf0265b98b5d48ab919" },
	{ "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
	        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
	        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
	        "b094dac5d93471bdec1a502270e3cc6c" },
	{ "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
	        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
	        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
	        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
	        "76fc6ece0f4e1768cddf8853bb2d551b" },
};

static void
gcm_known_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(gcm_cases); i++) {
		const struct gcm_case *c = &gcm_cases[i];
		char sealed[512];
		unsigned char plain[128];

		snprintf(sealed, sizeof sealed, "01%s%s%s", c->nonce, c->text, c->tag);
		struct blob key = from_hex(c->key), aad = from_hex(c->aad), s = from_hex(sealed);
		assert_true(gcm_open(key.p, as_str(aad), s, plain));
		assert_hex(plain, s.n - SEAL_OVERHEAD, c->plain);
		free((void *)key.p);
		free((void *)aad.p);
		free((void *)s.p);
	}
}

static void
gcm_round_trip(void **state)
{
	unsigned char key[KEY_SIZE], other[KEY_SIZE], sealed[1000 + SEAL_OVERHEAD], again[sizeof sealed],
	        out[1000];
	char text[1000];

	(void)state;
	random_bytes(key, sizeof key);
	random_bytes(other, sizeof other);
	random_bytes(text, sizeof text);
	for (size_t n = 0; n <= sizeof text; n = n * 2 + 1) {
		struct str plain = { text, n }, aad = STR("here");
		struct blob s = { sealed, n + SEAL_OVERHEAD };

		gcm_seal(key, aad, plain, sealed);
		assert_int_equal(sealed[0], 1);
		assert_true(gcm_open(key, aad, s, out));
		assert_memory_equal(out, text, n);
		gcm_seal(key, aad, plain, again);
		assert_memory_not_equal(sealed, again, 1 + SEAL_NONCE);
		assert_false(gcm_open(other, aad, s, out));
		assert_false(gcm_open(key, STR("there"), s, out));
		assert_false(gcm_open(key, (struct str){ 0 }, s, out));
	}
}

static void
gcm_tampering(void **state)
{
	static const char text[] = "hanseníase multibacilar, grau 1";
	unsigned char key[KEY_SIZE], sealed[sizeof text + SEAL_OVERHEAD], out[sizeof text];
	struct blob s = { sealed, sizeof sealed };

	(void)state;
	random_bytes(key, sizeof key);
	gcm_seal(key, STR("place"), (struct str){ text, sizeof text }, sealed);
	for (size_t i = 0; i < sizeof sealed; i++)
		for (int bit = 0; bit < 8; bit++) {
			sealed[i] ^= (unsigned char)(1 << bit);
			memset(out, 7, sizeof out);
			assert_false(gcm_open(key, STR("place"), s, out));
			assert_null(memmem(out, sizeof out, "multibacilar", 12));
			sealed[i] ^= (unsigned char)(1 << bit);
		}
	for (size_t n = 0; n < sizeof sealed; n++)
		assert_false(gcm_open(key, STR("place"), (struct blob){ sealed, n }, out));
	assert_false(gcm_open(key, STR("place"), (struct blob){ NULL, 0 }, out));
	assert_true(gcm_open(key, STR("place"), s, out));
}

static void
sha256_known_answers(void **state)
{
	unsigned char out[SHA256_SIZE];
	char *million = malloc(1000000);

	(void)state;
	assert_non_null(million);
	sha256("", 0, out);
	assert_hex(out, sizeof out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256("abc", 3, out);
	assert_hex(out, sizeof out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, out);
	assert_hex(out, sizeof out, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	memset(million, 'a', 1000000);
	sha256(million, 1000000, out);
	assert_hex(out, sizeof out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(million);
}

static void
hmac_case(struct blob key, struct str text, const char *want)
{
	unsigned char out[SHA256_SIZE];

	hmac_sha256(key.p, key.n, text, out);
	assert_hex(out, sizeof out, want);
}

/* RFC 4231; longer keys between shorter ones, as the context is reused. */
static void
hmac_known_answers(void **state)
{
	(void)state;
	/* One byte of key more or less, and one that differs, are other keys. */
	unsigned char one[SHA256_SIZE], two[SHA256_SIZE];
	hmac_sha256(run(5, 1, 32).p, 32, STR("a"), one);
	hmac_sha256(run(5, 1, 31).p, 31, STR("a"), two);
	assert_memory_not_equal(one, two, SHA256_SIZE);
	hmac_sha256(run(5, 2, 32).p, 32, STR("a"), two);
	assert_memory_not_equal(one, two, SHA256_SIZE);
	hmac_sha256(run(5, 1, 32).p, 32, STR("b"), two);
	hmac_sha256(run(5, 1, 32).p, 32, STR("a"), two);
	assert_memory_equal(one, two, SHA256_SIZE);
	hmac_case(run(0x0b, 0, 20), STR("Hi There"),
	        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	hmac_case((struct blob){ (const unsigned char *)"Jefe", 4 }, STR("what do ya want for nothing?"),
	        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	hmac_case(run(0xaa, 0, 20), as_str(run(0xdd, 0, 50)),
	        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	hmac_case(run(0x01, 1, 25), as_str(run(0xcd, 0, 50)),
	        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
	hmac_case(run(0xaa, 0, 131), STR("Test Using Larger Than Block-Size Key - Hash Key First"),
	        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	hmac_case(run(0xaa, 0, 131),
	        STR("This is a test using a larger than block-size key and a larger than block-size data. "
	            "The key "
	            "needs to be hashed before being used by the HMAC algorithm."),
	        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
	hmac_case(run(0x0b, 0, 20), STR("Hi There"),
	        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

/* RFC 5869, appendix A.1 to A.3; the one without a salt last, so that none is left behind. */
static void
hkdf_known_answers(void **state)
{
	unsigned char out[82], one[KEY_SIZE], two[KEY_SIZE];

	(void)state;
	hkdf(run(0x0b, 0, 22), run(0, 1, 13), as_str(run(0xf0, 1, 10)), out, 42);
	assert_hex(out, 42,
	        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
	hkdf(run(0, 1, 80), run(0x60, 1, 80), as_str(run(0xb0, 1, 80)), out, 82);
	assert_hex(out, 82,
	        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e59"
	        "0e09"
	        "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
	hkdf(run(0x0b, 0, 22), (struct blob){ 0 }, (struct str){ 0 }, out, 42);
	assert_hex(out, 42,
	        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");

	hkdf_sha256(run(7, 3, KEY_SIZE).p, "one", one);
	hkdf_sha256(run(7, 3, KEY_SIZE).p, "two", two);
	assert_memory_not_equal(one, two, KEY_SIZE);
	hkdf_sha256(run(7, 3, KEY_SIZE).p, "one", two);
	assert_memory_equal(one, two, KEY_SIZE);
}

/* RFC 8032, section 7.1, tests 1 to 3. */
static const struct sign_case {
	const char *seed, *pub, *text, *sig;
} sign_cases[] = {
	{ "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9"
	        "b46b"
	        "d25bf5f0595bbe24655141438e7a100b" },
	{ "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f1"
	        "1d8c"
	        "387b2eaeb4302aeeb00d291612bb0c00" },
	{ "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984d"
	        "c659"
	        "4a7c15e9716ed28dc027beceea1ec40a" },
};

static void
ed25519_known_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sign_cases); i++) {
		const struct sign_case *c = &sign_cases[i];
		struct blob seed = from_hex(c->seed), text = from_hex(c->text);
		unsigned char pub[32], sig[64];

		ed25519_public(seed.p, pub);
		assert_hex(pub, sizeof pub, c->pub);
		ed25519_sign(seed.p, as_str(text), sig);
		assert_hex(sig, sizeof sig, c->sig);
		assert_true(ed25519_verify(pub, as_str(text), sig));
		for (size_t at = 0; at < sizeof sig; at++) {
			sig[at] ^= 1;
			assert_false(ed25519_verify(pub, as_str(text), sig));
			sig[at] ^= 1;
		}
		assert_false(ed25519_verify(pub, STR("another text"), sig));
		free((void *)seed.p);
		free((void *)text.p);
	}
}

static void
ed25519_other_key(void **state)
{
	unsigned char seed[32], pub[32], sig[64];

	(void)state;
	for (int i = 0; i < 20; i++) {
		random_bytes(seed, sizeof seed);
		ed25519_sign(seed, STR("head"), sig);
		seed[i] ^= 0x40;
		ed25519_public(seed, pub);
		assert_false(ed25519_verify(pub, STR("head"), sig));
	}
}

/* RFC 6238, appendix B: its eight digits, of which authenticators show the last six. */
static void
totp_known_answers(void **state)
{
	static const struct {
		int64_t s;
		const char *code;
	} cases[] = { { 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" },
		{ 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" } };
	struct blob secret = { (const unsigned char *)"12345678901234567890", 20 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str code = str_of(cases[i].code);
		int64_t step = -7, at = cases[i].s;

		assert_true(totp_verify(secret, code, (struct instant){ at * 1000 }, &step));
		assert_int_equal(step, at / 30);
		assert_true(totp_verify(secret, code, (struct instant){ (at + 30) * 1000 }, &step));
		assert_true(totp_verify(secret, code, (struct instant){ (at - 30) * 1000 }, &step));
		assert_int_equal(step, at / 30);
		step = -7;
		assert_false(totp_verify(secret, code, (struct instant){ (at + 60) * 1000 }, &step));
		assert_false(totp_verify(secret, code, (struct instant){ (at - 60) * 1000 }, &step));
		assert_int_equal(step, -7);
	}
}

static void
totp_refusals(void **state)
{
	struct blob secret = { (const unsigned char *)"12345678901234567890", 20 };
	struct instant at = { 59000 };
	int64_t step;

	(void)state;
	assert_false(totp_verify(secret, STR("287083"), at, &step));
	assert_false(totp_verify(secret, STR("28708"), at, &step));
	assert_false(totp_verify(secret, STR("94287082"), at, &step));
	assert_false(totp_verify(secret, STR("      "), at, &step));
	assert_false(totp_verify(secret, (struct str){ 0 }, at, &step));
	assert_false(totp_verify((struct blob){ 0 }, STR("287082"), at, &step));
	assert_false(totp_verify(secret, STR("287082"), (struct instant){ -1 }, &step));
}

static void
passwords(void **state)
{
	char one[PASSWORD_PHC], two[PASSWORD_PHC], huge[5000];

	(void)state;
	assert_true(password_hash(STR("çedilha e emoji 🩺"), one));
	assert_true(password_hash(STR("çedilha e emoji 🩺"), two));
	assert_int_equal(strncmp(one, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
	assert_string_not_equal(one, two);
	assert_true(password_verify(STR("çedilha e emoji 🩺"), one));
	assert_false(password_verify(STR("cedilha e emoji 🩺"), one));
	assert_false(password_verify(STR(""), one));
	one[strlen(one) - 3] ^= 1;
	assert_false(password_verify(STR("çedilha e emoji 🩺"), one));

	memset(huge, 'x', sizeof huge);
	assert_false(password_hash((struct str){ huge, sizeof huge }, one));
	assert_false(password_verify((struct str){ huge, sizeof huge }, two));
}

static void
password_known_answer(void **state)
{
	static const char phc[] =
	        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

	(void)state;
	assert_true(password_verify(STR("password"), phc));
	assert_false(password_verify(STR("Password"), phc));
	assert_false(password_verify(STR("password"), NULL));
	assert_false(password_verify(STR("password"), ""));
	assert_false(password_verify(STR("password"), "password"));
	assert_false(password_verify(STR("password"), "$argon2id$v=19$m=999999999,t=2,p=1$c29tZXNhbHQ$"
	                                              "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"));
}

static void
wiping(void **state)
{
	unsigned char a[40], zero[40] = { 0 };

	(void)state;
	memset(a, 0x5a, sizeof a);
	assert_false(equal_secret(a, zero, sizeof a));
	wipe(a, sizeof a);
	assert_true(equal_secret(a, zero, sizeof a));
	assert_true(equal_secret(a, zero, 0));
}

/* Threads that end give their contexts and pools back; the sanitizer build proves it. */
static void *
seal_in_thread(void *arg)
{
	unsigned char key[KEY_SIZE] = { 1 }, sealed[5 + SEAL_OVERHEAD], out[5];

	for (int i = 0; i < 2000; i++) {
		gcm_seal(key, STR("t"), STR("texto"), sealed);
		if (!gcm_open(key, STR("t"), (struct blob){ sealed, sizeof sealed }, out))
			return arg;
	}
	return NULL;
}

static void
threads(void **state)
{
	pthread_t t[4];
	void *failed;

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(pthread_create(&t[i], NULL, seal_in_thread, &failed), 0);
	for (size_t i = 0; i < COUNT(t); i++) {
		pthread_join(t[i], &failed);
		assert_null(failed);
	}
}

static void
still_there(void)
{
	bool there = OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL) ==
	             1; /* no more once it is taken down */

	_exit(there ? 0 : 1);
}

/* Handlers run from the last registered to the first: this one sees what libcrypto's has left. */
static int
after_exit(bool start)
{
	int status = -1;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (atexit(still_there) != 0)
			_exit(2);
		if (start)
			crypto_start();
		OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL); /* as libcurl and libpq do */
		exit(3);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* First of all: here nothing has used libcrypto yet. */
static void
libcrypto_outlives_main(void **state)
{
	(void)state;
	assert_int_equal(after_exit(false), 1); /* what is kept away: by then it is gone */
	assert_int_equal(after_exit(true), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libcrypto_outlives_main),
		cmocka_unit_test(gcm_known_answers),
		cmocka_unit_test(gcm_round_trip),
		cmocka_unit_test(gcm_tampering),
		cmocka_unit_test(sha256_known_answers),
		cmocka_unit_test(hmac_known_answers),
		cmocka_unit_test(hkdf_known_answers),
		cmocka_unit_test(ed25519_known_answers),
		cmocka_unit_test(ed25519_other_key),
		cmocka_unit_test(totp_known_answers),
		cmocka_unit_test(totp_refusals),
		cmocka_unit_test(passwords),
		cmocka_unit_test(password_known_answer),
		cmocka_unit_test(wiping),
		cmocka_unit_test(threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
