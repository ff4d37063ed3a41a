/* auth_http.h - types and handlers of this folder's doors. */
#ifndef FEATURES_AUTH_AUTH_HTTP_H
#define FEATURES_AUTH_AUTH_HTTP_H

#include "http/route.h"

struct conf;

struct login_body {
	struct str email, password, totp;
};
extern const struct type login_body_type;

struct login_user {
	struct id id;
	struct str name, email, role;
	struct id tenant_id, patient_id;
	bool totp, password_must_change, reset_pending;
	struct str reset_code;
	struct instant reset_at, last_login_at;
	struct str program; /* for the foot of what is printed */
};
extern const struct type login_user_type;

struct login_reply {
	struct str token;
	struct instant expires_at;
	struct login_user *user;
	int64_t failures;
};
extern const struct type login_reply_type;

void auth_init(const struct conf *);
enum err auth_login_user(struct ctx *, struct id, struct login_user **out) MUST_CHECK;
handler_fn login_prepare, login, logout;

#endif
