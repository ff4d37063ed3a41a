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

bool role_may(enum role, enum perm);
enum reach role_reach(enum role);
const struct mask *role_mask(enum role);
const char *role_name(enum role); /* "DOCTOR" */
enum role role_parse(struct str); /* ROLE_UNSET when unknown */
const char *perm_name(enum perm);

#endif
