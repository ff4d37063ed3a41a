/* session.h - who is asking: an opaque token, kept as its SHA-256. */
#ifndef HTTP_SESSION_H
#define HTTP_SESSION_H

#include "base/type.h"
#include "http/perms.h"

/* The tenant that holds what belongs to no clinic: its key makes the tokens by
 * which an e-mail is found at sign-in, and refusals of nobody are recorded under it. */
extern const struct id TENANT_PLATFORM;

#define SESSION_COOKIE "plantao_session"

struct session_identity {
	struct id id, tenant_id, user_id, patient_id;
	struct str role;
	struct instant expires_at, seen_at, suspended_at,
	        created_at; /* created: the password was right then */
	int64_t password_must_change;
	struct id reset_id; /* set: the person behind the account is not confirmed */
};
extern const struct type session_identity_type;

enum { SESSION_TOKEN_BYTES = 32, SESSION_TOKEN_TEXT = 43 };

/* The bearer's token or the cookie's; by_cookie says which. Absent when none is sent. */
struct str session_token(struct str authorization, struct str cookie, bool *by_cookie);
/* Fills ctx's tenant, actor, patient, role and reach; ERR_UNAUTHENTICATED for
 * an unknown, expired, idle or disabled one. In a transaction of the caller. */
enum err session_identify(
        struct ctx *, struct str token, int64_t idle_minutes, struct session_identity **out) MUST_CHECK;
enum err session_touch(struct ctx *, struct id session) MUST_CHECK;
/* A new session for ctx's actor; token is SESSION_TOKEN_TEXT + 1 bytes. */
enum err session_new(struct ctx *, struct instant expires, struct str address, struct str agent, char *token,
        struct id *session) MUST_CHECK;
/* One of the actor's own; ERR_NOT_FOUND otherwise. */
enum err session_end(struct ctx *, struct id session) MUST_CHECK;
/* All of a user's, except one (absent: none is spared). */
enum err session_end_all(struct ctx *, struct id user, struct id except) MUST_CHECK;

#endif
