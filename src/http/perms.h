/* perms.h - roles and permissions, from roles.def and perms.def. */
#ifndef HTTP_PERMS_H
#define HTTP_PERMS_H

#include "base/json.h"

enum role {
	ROLE_UNSET = 0,
#define ROLE(name, ...) ROLE_##name,
#include "http/roles.def"
#undef ROLE
	ROLE__MAX
};

enum perm {
	PERM_UNSET = 0,
	PERM_PUBLIC, /* also who is nobody: login, health */
#define PERM(name, ...) PERM_##name,
#include "http/perms.def"
#undef PERM
	PERM__MAX
};

/* How long ago somebody must have proven who he is (SBIS NGS1.02: re-authentication for critical acts). */
enum signin {
	SIGNIN_UNSET = 0,
	SIGNIN_ANY,    /* any living session */
	SIGNIN_RECENT, /* a sign-in of the last reauthentication_minutes */
};

bool role_may(enum role, enum perm);
enum reach role_reach(enum role);
const struct mask *role_mask(enum role);
const char *role_name(enum role); /* "DOCTOR" */
enum role role_parse(struct str); /* ROLE_UNSET when unknown */
const char *perm_name(enum perm);
enum signin perm_signin(enum perm); /* of what changes something under it */

#endif
