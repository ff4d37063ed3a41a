/* users.h - what other features may ask of the accounts. */
#ifndef FEATURES_USERS_USERS_H
#define FEATURES_USERS_USERS_H

#include "base/type.h"
#include "http/names.h"
#include "http/perms.h"
#include "http/session.h"

struct user {
	struct id id, tenant_id;
	struct str email, name, cpf, role; /* cpf: as it is shown, "***.456.789-**" */
	struct id patient_id;
	bool totp, password_must_change, reset_pending;
	struct instant last_login_at, created_at, updated_at, disabled_at;
	int64_t version;
};
extern const struct type user_type;

/* An account as sign-in needs it; nothing in it is for JSON. */
struct user_secret {
	struct id id, tenant_id, patient_id;
	struct str role, password_phc;
	struct blob totp_sealed;
	struct instant totp_confirmed_at, disabled_at, suspended_at;
	int64_t totp_last_step;
	struct id reset_id; /* the open reset, see resets.h */
};
extern const struct type user_secret_type;

struct user_new {
	struct id id; /* absent: a new one */
	struct str email, name, password;
	struct str cpf; /* may be absent */
	enum role role;
	struct id patient_id; /* for PATIENT */
	bool must_change;
	struct id rooted_in; /* absent: made on the machine itself, see user_root */
};

enum err user_get(struct ctx *, struct id, struct user **out) MUST_CHECK;
enum err user_exists(struct ctx *, struct id) MUST_CHECK; /* in ctx's tenant, not disabled */
/* Hashes the password (15 ms). ERR_DUPLICATE: the e-mail is taken (in any tenant), or an active account of
 * the tenant has the CPF. */
enum err user_add(struct ctx *, const struct user_new *, struct id *out) MUST_CHECK;
enum err user_by_email(struct ctx *, struct str email, struct user_secret **out) MUST_CHECK;
enum err user_secret_get(struct ctx *, struct id, struct user_secret **out) MUST_CHECK;
/* The administrator an account hangs from, itself when it was made on the machine. What two
 * people must do is not done by two accounts of one root. */
enum err user_root(struct ctx *, struct id user, struct id *out) MUST_CHECK;
/* Who answers for the tenant: its first administrator who is not disabled. */
enum err user_first_admin(struct ctx *, struct id *out) MUST_CHECK;
/* Names of accounts of ctx's tenant, for names_fill; a name of one that is disabled stays. */
names_fn user_names;
/* ERR_INVALID with the reason on field: length, letters and digits, name or e-mail in it, common, used
 * before. */
enum err password_check(struct ctx *, const char *field, struct str password, struct id user,
        struct str email, struct str name) MUST_CHECK;
enum err password_set(struct ctx *, struct id user, struct str password, bool must_change) MUST_CHECK;
/* As user_get, but the platform's own accounts do not exist for an institution's administrator: a
 * password set there would make him administrator of every institution. */
enum err user_within_reach(struct ctx *, struct id, struct user **out) MUST_CHECK;
/* The open reset of the account (resets.h) is over, if there is one: OWN_FACTOR, a second factor
 * from before it was shown; OPERATOR, said on the machine itself. */
enum err reset_proven(struct ctx *, struct id user, const char *how) MUST_CHECK;
/* When the password was last replaced by somebody else, and the code that the data-protection
 * officer asks for, while he does; both untouched when there is none. */
enum err reset_told(struct ctx *, const struct user *, struct str *code, struct instant *at) MUST_CHECK;
/* Keyed token of a sign-in name, the same for every tenant. */
enum err email_token(struct ctx *, struct str email, struct blob *out) MUST_CHECK;

#endif
