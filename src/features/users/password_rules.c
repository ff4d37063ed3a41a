/* password_rules.c - what a password must be (SBIS NGS1.02): 10 characters with a
 * letter and a digit, without the owner's name or e-mail, not a common one, not
 * one of the last four. */
#include "features/users/users_rows.h"
#include "users_sql.h"
#include "sys/crypto.h"

#include <ctype.h>
#include <strings.h>

enum { LENGTH_MIN = 10, LENGTH_MAX = 128, PART_MIN = 4 };

/* Beginnings that appear in every list of leaked passwords, longest guesses in Brazil first. */
static const char *const common[] = { "1234567890", "12345678910", "senha12345", "senha123456", "password123",
	"password1234", "qwerty12345", "mudar12345", "mudar@1234", "brasil2026", "brasil12345", "admin12345",
	"abc1234567", "abcd123456", "q1w2e3r4t5", "1q2w3e4r5t", "flamengo10", "corinthians1", "palmeiras1" };

static const struct field past_fields[] = { FIELD(password_past, phc, .sens = SENS_SECRET) };
const struct type password_past_type = TYPE(password_past, past_fields);

static bool
contains(struct str hay, struct str needle)
{
	for (size_t i = 0; needle.n >= PART_MIN && i + needle.n <= hay.n; i++)
		if (strncasecmp(hay.p + i, needle.p, needle.n) == 0)
			return true;
	return false;
}

/* Any word of text (parted by blanks, '@' and '.') inside the password? */
static bool
contains_word(struct str password, struct str text)
{
	size_t start = 0;

	for (size_t i = 0; i <= text.n; i++)
		if (i == text.n || strchr(" @.", text.p[i])) {
			if (contains(password, (struct str){ text.p + start, i - start }))
				return true;
			start = i + 1;
		}
	return false;
}

static bool
is_weak(struct str p, struct str email, struct str name)
{
	bool letter = false, digit = false;

	for (size_t i = 0; i < p.n; i++) {
		letter |= isalpha((unsigned char)p.p[i]) != 0 || (unsigned char)p.p[i] >= 0x80;
		digit |= isdigit((unsigned char)p.p[i]) != 0;
	}
	if (!letter || !digit || utf8_length(p) < LENGTH_MIN || p.n > LENGTH_MAX)
		return true;
	return contains_word(p, email) || contains_word(p, name);
}

static bool
is_common(struct str p)
{
	for (size_t i = 0; i < COUNT(common); i++)
		if (p.n >= strlen(common[i]) && strncasecmp(p.p, common[i], strlen(common[i])) == 0 &&
		        p.n < strlen(common[i]) + 3)
			return true;
	return false;
}

static enum err
check_past(struct ctx *ctx, const char *field, struct str password, struct id user)
{
	struct list past = { 0 };
	const struct password_past *row;

	if (!id_is_set(user))
		return OK;
	TRY(sql_password_past_list(ctx, &(struct password_past_list_in){ .user_id = user }, &past));
	row = past.items;
	for (size_t i = 0; i < past.count; i++)
		if (password_verify(password, arena_printf(ctx->arena, "%.*s", STR_FMT(row[i].phc))))
			return invalid(ctx, field, "password_same");
	return OK;
}

enum err
password_check(struct ctx *ctx, const char *field, struct str password, struct id user, struct str email,
        struct str name)
{
	if (is_weak(password, email, name))
		return invalid(ctx, field, "password_weak");
	if (is_common(password))
		return invalid(ctx, field, "password_common");
	return check_past(ctx, field, password, user);
}
