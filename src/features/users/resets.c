/* resets.c - what resets.h promises. */
#include "features/users/resets.h"
#include "resets_sql.h"
#include "sys/crypto.h"
#include "sys/log.h"
#include "sys/metrics.h"

static const struct field told_fields[] = { FIELD(reset_told, code), FIELD(reset_told, at) };
const struct type reset_told_type = TYPE(reset_told, told_fields);

static void
alert(struct id reset)
{
	char text[ID_TEXT + 1];

	id_print(reset, text);
	metric_add(M_ACCOUNT_RESETS, 0, 1);
	log_event(EV_ACCOUNT_RESET, { "id", LOG_S(text) });
}

/* `by` absent: the machine's own operator, or the account's own second factor. */
static enum err
close_open(struct ctx *ctx, struct id user, const char *verdict)
{
	TRY(sql_reset_overtake(
	        ctx, &(struct reset_overtake_in){ .user_id = user, .verdict = str_of(verdict) }));
	return sql_reset_open(ctx, &(struct reset_open_in){ .user_id = user });
}

enum err
reset_proven(struct ctx *ctx, struct id user, const char *how)
{
	return close_open(ctx, user, how);
}

enum err
reset_ask(struct ctx *ctx, const struct user *user, struct str password, struct id *out)
{
	unsigned char secret[RESET_CODE_BYTES];
	char code[RESET_CODE * 2];
	struct id id = id_new(ctx->now);

	random_bytes(secret, sizeof secret);
	base32_print(secret, sizeof secret, code);
	TRY(close_open(ctx, user->id, "OVERTAKEN"));
	TRY(password_set(ctx, user->id, password, true));
	TRY(sql_reset_add(
	        ctx, &(struct reset_add_in){ .id = id, .user_id = user->id, .code = { code, RESET_CODE } }));
	TRY(sql_reset_open(ctx, &(struct reset_open_in){ .user_id = user->id, .reset_id = id }));
	TRY(session_end_all(ctx, user->id, (struct id){ { 0 } }));
	alert(id);
	*out = id;
	return OK;
}

enum err
reset_told(struct ctx *ctx, const struct user *user, struct str *code, struct instant *at)
{
	struct reset_told last;
	enum err err = sql_reset_last(ctx, &(struct reset_last_in){ .user_id = user->id }, &last);

	if (err == ERR_NOT_FOUND)
		return OK;
	TRY(err);
	*at = last.at;
	if (user->reset_pending && !user->password_must_change)
		*code = last.code;
	return OK;
}

enum err
reset_confirm(struct ctx *ctx, const struct account_reset *reset, struct str code)
{
	struct reset_told told;

	TRY(sql_reset_code(ctx, &(struct reset_code_in){ .id = reset->id }, &told));
	if (!str_eq(code, told.code))
		return invalid(ctx, "code", "reset_code");
	TRY(sql_reset_decide(ctx, &(struct reset_decide_in){ .id = reset->id, .verdict = STR("CONFIRMED") }));
	return sql_reset_open(ctx, &(struct reset_open_in){ .user_id = reset->user_id });
}

enum err
reset_refuse(struct ctx *ctx, const struct account_reset *reset)
{
	unsigned char secret[32];
	char unknown[2 * sizeof secret];
	size_t n;

	random_bytes(secret, sizeof secret);
	n = base64url_print(secret, sizeof secret, unknown);
	TRY(password_set(ctx, reset->user_id, (struct str){ unknown, n }, true));
	wipe(unknown, sizeof unknown);
	TRY(session_end_all(ctx, reset->user_id, (struct id){ { 0 } }));
	TRY(sql_reset_decide(ctx, &(struct reset_decide_in){ .id = reset->id, .verdict = STR("REFUSED") }));
	return sql_reset_open(ctx, &(struct reset_open_in){ .user_id = reset->user_id });
}
