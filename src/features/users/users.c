/* users.c - accounts: who they are and when one may be changed.  Accounts that
 * have acted are disabled, never deleted (SBIS NGS1.03). */
#include "features/users/users_rows.h"
#include "base/brazil.h"
#include "users_sql.h"
#include "store/seal.h"
#include "sys/crypto.h"

static const struct field user_fields[] = {
	FIELD(user, id, .sens = SENS_PLAIN),
	FIELD(user, tenant_id, .sens = SENS_PLAIN),
	FIELD(user, email, .sens = SENS_PLAIN, .sealed = true),
	FIELD(user, name, .sens = SENS_PLAIN, .sealed = true),
	FIELD(user, cpf, .sens = SENS_PLAIN, .sealed = true, .nullable_only = true,
	        .summary = "Whose account it is; its middle digits alone are ever shown"),
	FIELD(user, role, .sens = SENS_PLAIN),
	FIELD(user, patient_id, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(user, totp, .sens = SENS_PLAIN, .summary = "A second factor is set up"),
	FIELD(user, password_must_change, .sens = SENS_PLAIN),
	FIELD(user, reset_pending, .sens = SENS_PLAIN,
	        .summary = "The password was replaced; the person is not confirmed yet"),
	FIELD(user, last_login_at, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(user, created_at, .sens = SENS_PLAIN),
	FIELD(user, updated_at, .sens = SENS_PLAIN),
	FIELD(user, disabled_at, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(user, version, .sens = SENS_PLAIN),
};
const struct type user_type = TYPE(user, user_fields, .table = "app_user", .row_field = "id");

static const struct field secret_fields[] = {
	FIELD(user_secret, id),
	FIELD(user_secret, tenant_id),
	FIELD(user_secret, patient_id),
	FIELD(user_secret, role),
	FIELD(user_secret, password_phc, .sens = SENS_SECRET),
	FIELD(user_secret, totp_sealed, .sens = SENS_SECRET),
	FIELD(user_secret, totp_confirmed_at),
	FIELD(user_secret, disabled_at),
	FIELD(user_secret, suspended_at),
	FIELD(user_secret, totp_last_step),
	FIELD(user_secret, reset_id),
};
const struct type user_secret_type = TYPE(user_secret, secret_fields);

static const struct field id_row_fields[] = { FIELD(user_id_row, id) };
const struct type user_id_row_type = TYPE(user_id_row, id_row_fields);
static const struct field name_fields[] = {
	FIELD(name_row, id),
	FIELD(name_row, name, .sealed = true),
};
const struct type user_name_row_type = TYPE(name_row, name_fields, .table = "app_user", .row_field = "id");
static const struct field count_fields[] = { FIELD(user_count, n) };
const struct type user_count_type = TYPE(user_count, count_fields);

static const char *const roles[] = {
#define ROLE(name, ...) #name,
#include "http/roles.def"
#undef ROLE
	NULL,
};

static const struct field change_fields[] = {
	FIELD(user_change, name, .sens = SENS_PLAIN, .required = true, .min = 1, .max = 200),
	FIELD(user_change, role, .sens = SENS_PLAIN, .required = true, .one_of = roles),
	FIELD(user_change, cpf, .sens = SENS_IDENTITY, .max = 14, .check = check_cpf,
	        .summary = "Absent: as it was"),
	FIELD(user_change, disabled, .sens = SENS_PLAIN),
	FIELD(user_change, version, .sens = SENS_PLAIN, .min = 1),
};
const struct type user_change_type = TYPE(user_change, change_fields);

enum err
user_get(struct ctx *ctx, struct id id, struct user **out)
{
	struct user *user = NEW(ctx, struct user);

	TRY(sql_user_get(ctx, &(struct user_get_in){ .id = id }, user));
	user->cpf = mask_cpf(ctx, user->cpf);
	*out = user;
	return OK;
}

enum err
user_within_reach(struct ctx *ctx, struct id id, struct user **out)
{
	struct user *user;

	TRY(user_get(ctx, id, &user));
	if (str_is(user->role, "SUPERADMIN") && ctx->role != ROLE_SUPERADMIN)
		return fail(ctx, ERR_NOT_FOUND, "an account of the platform");
	*out = user;
	return OK;
}

enum err
user_exists(struct ctx *ctx, struct id id)
{
	struct user_id_row row;

	return sql_user_exists(ctx, &(struct user_exists_in){ .id = id }, &row);
}

enum err
user_root(struct ctx *ctx, struct id user, struct id *out)
{
	struct user_id_row row;

	TRY(sql_user_root(ctx, &(struct user_root_in){ .id = user }, &row));
	*out = row.id;
	return OK;
}

enum err
user_first_admin(struct ctx *ctx, struct id *out)
{
	struct user_id_row row;

	TRY(sql_user_first_admin(ctx, &row));
	*out = row.id;
	return OK;
}

enum err
user_list(struct ctx *ctx, struct id before, int64_t limit, struct list *out)
{
	TRY(sql_user_list(ctx, &(struct user_list_in){ .before = before, .row_limit = limit }, out));
	struct user *user = out->items;
	for (size_t i = 0; i < out->count; i++)
		user[i].cpf = mask_cpf(ctx, user[i].cpf);
	return OK;
}

enum err
user_names(struct ctx *ctx, const struct id ids[static NAMES_BATCH], struct list *found)
{
	struct user_names_of_in in;

	_Static_assert(sizeof in == NAMES_BATCH * sizeof *ids, "one input an id");
	memcpy(&in, ids, sizeof in);
	return sql_user_names_of(ctx, &in, found);
}

/* E-mails differ by case only in theory: one account a mailbox. */
static struct str
lower(struct ctx *ctx, struct str s)
{
	struct str copy = arena_str(ctx->arena, s);
	char *p = (char *)(uintptr_t)copy.p;

	for (size_t i = 0; p != NULL && i < copy.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] | 0x20);
	return copy;
}

enum err
email_token(struct ctx *ctx, struct str email, struct blob *out)
{
	struct ctx platform = *ctx;
	enum err err;

	platform.tenant = TENANT_PLATFORM;
	err = token_exact(&platform, "user.email", lower(ctx, email), out);
	if (err != OK)
		return fail(ctx, err, "%s", platform.why);
	return OK;
}

enum err
user_by_email(struct ctx *ctx, struct str email, struct user_secret **out)
{
	struct user_secret *secret = NEW(ctx, struct user_secret);
	struct blob token;

	TRY(email_token(ctx, email, &token));
	TRY(sql_user_secret_by_email(ctx, &(struct user_secret_by_email_in){ .email_token = token }, secret));
	*out = secret;
	return OK;
}

enum err
user_secret_get(struct ctx *ctx, struct id id, struct user_secret **out)
{
	struct user_secret *secret = NEW(ctx, struct user_secret);

	TRY(sql_user_secret_get(ctx, &(struct user_secret_get_in){ .id = id }, secret));
	*out = secret;
	return OK;
}

static enum err
hash(struct ctx *ctx, struct str password, struct str *out)
{
	char *phc = arena_fixed(ctx->arena, PASSWORD_PHC);

	if (!password_hash(password, phc))
		return fail(ctx, ERR_BUSY, "no memory for argon2id");
	*out = str_of(phc);
	return OK;
}

/* The CPF as it is stored, and what finds it; both absent for none. */
static enum err
cpf_stored(struct ctx *ctx, struct str cpf, struct str *digits, struct blob *token)
{
	char text[CPF_TEXT + 1];

	*digits = (struct str){ NULL, 0 };
	*token = (struct blob){ NULL, 0 };
	if (!str_is_set(cpf) || !cpf_plain(cpf, text))
		return OK;
	*digits = str_of(arena_printf(ctx->arena, "%s", text));
	return token_exact(ctx, "user.cpf", *digits, token);
}

enum err
user_add(struct ctx *ctx, const struct user_new *new, struct id *out)
{
	struct id id = id_is_set(new->id) ? new->id : id_new(ctx->now);
	struct blob token, cpf_token;
	struct str phc, cpf;

	TRY(email_token(ctx, new->email, &token));
	TRY(cpf_stored(ctx, new->cpf, &cpf, &cpf_token));
	TRY(hash(ctx, new->password, &phc));
	TRY(sql_user_insert(ctx, &(struct user_insert_in){ .id = id,
	                                 .email_token = token,
	                                 .email = new->email,
	                                 .name = new->name,
	                                 .role = str_of(role_name(new->role)),
	                                 .patient_id = new->patient_id,
	                                 .password_phc = phc,
	                                 .must_change = new->must_change,
	                                 .rooted_in = new->rooted_in,
	                                 .cpf = cpf,
	                                 .cpf_token = cpf_token }));
	TRY(sql_password_past_add(ctx, &(struct password_past_add_in){ .user_id = id, .phc = phc }));
	*out = id;
	return OK;
}

enum err
password_set(struct ctx *ctx, struct id user, struct str password, bool must_change)
{
	struct str phc;

	TRY(hash(ctx, password, &phc));
	TRY(sql_user_password_set(
	        ctx, &(struct user_password_set_in){
	                     .id = user, .password_phc = phc, .must_change = must_change }));
	return sql_password_past_add(ctx, &(struct password_past_add_in){ .user_id = user, .phc = phc });
}

/* The last active administrator cannot lock everybody out. */
static enum err
keep_an_admin(struct ctx *ctx, const struct user *before, const struct user_change *c)
{
	struct user_count others;

	if (!str_is(before->role, "ADMIN") || (str_is(c->role, "ADMIN") && !c->disabled))
		return OK;
	TRY(sql_user_admins(ctx, &(struct user_admins_in){ .except_id = before->id }, &others));
	return others.n > 0 ? OK : fail(ctx, ERR_STATE, "the last administrator");
}

enum err
user_correct(struct ctx *ctx, const struct user *before, const struct user_change *c, struct user **after)
{
	struct instant disabled = before->disabled_at;
	bool same_role = str_eq(c->role, before->role);
	struct id root = { { 0 } };
	struct blob cpf_token;
	struct str cpf;

	if (str_is(c->role, "SUPERADMIN") || str_is(c->role, "PATIENT") != str_is(before->role, "PATIENT"))
		return invalid(ctx, "role", "choice");
	if (!same_role && id_eq(before->id, ctx->actor))
		return fail(ctx, ERR_STATE, "nobody gives himself a role");
	TRY(keep_an_admin(ctx, before, c));
	TRY(cpf_stored(ctx, c->cpf, &cpf, &cpf_token));
	if (!same_role)
		TRY(user_root(ctx, ctx->actor, &root));
	if (c->disabled && disabled.ms == 0)
		disabled = ctx->now;
	if (!c->disabled)
		disabled.ms = 0;
	TRY(sql_user_update(ctx, &(struct user_update_in){ .id = before->id,
	                                 .version = before->version,
	                                 .name = c->name,
	                                 .role = c->role,
	                                 .disabled_at = disabled,
	                                 .rooted_in = root,
	                                 .cpf = cpf,
	                                 .cpf_token = cpf_token }));
	return user_get(ctx, before->id, after);
}
