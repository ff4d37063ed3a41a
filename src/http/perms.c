/* perms.c - roles.def and perms.def as lookups; every table is const and made
 * by the compiler, so a role or permission without a row does not build. */
#include "http/perms.h"

enum { FULL = 2, PART = 1, NONE = 0 };

enum letter {
#define ROLE(name, letter, ...) letter = 1 << ROLE_##name,
#include "http/roles.def"
#undef ROLE
};

static const unsigned perm_roles[PERM__MAX] = {
	[PERM_PUBLIC] = ~0u,
#define PERM(name, roles, ...) [PERM_##name] = (roles),
#include "http/perms.def"
#undef PERM
};

static const char *const perm_names[PERM__MAX] = {
	[PERM_UNSET] = "UNSET",
	[PERM_PUBLIC] = "PUBLIC",
#define PERM(name, ...) [PERM_##name] = #name,
#include "http/perms.def"
#undef PERM
};

static const char *const role_names[ROLE__MAX] = {
	[ROLE_UNSET] = "",
#define ROLE(name, ...) [ROLE_##name] = #name,
#include "http/roles.def"
#undef ROLE
};

static const enum reach reaches[ROLE__MAX] = {
#define ROLE(name, letter, reach, ...) [ROLE_##name] = (reach),
#include "http/roles.def"
#undef ROLE
};

static const struct mask masks[ROLE__MAX] = {
#define ROLE(name, letter, reach, identity, clinical, ...)                                                   \
	[ROLE_##name] = { .shows = { [SENS_PLAIN] = true,                                                    \
		                  [SENS_IDENTITY] = (identity) == FULL,                                      \
		                  [SENS_CLINICAL] = (clinical) == FULL },                                    \
		.partial = (identity) == PART },
#include "http/roles.def"
#undef ROLE
};

bool
role_may(enum role role, enum perm perm)
{
	assert(perm > PERM_UNSET && perm < PERM__MAX && role < ROLE__MAX);
	if (perm == PERM_PUBLIC)
		return true;
	return role != ROLE_UNSET && (perm_roles[perm] & (1u << role)) != 0;
}

enum reach
role_reach(enum role role)
{
	assert(role < ROLE__MAX);
	return reaches[role];
}

const struct mask *
role_mask(enum role role)
{
	assert(role < ROLE__MAX);
	return &masks[role];
}

const char *
role_name(enum role role)
{
	assert(role < ROLE__MAX);
	return role_names[role];
}

enum role
role_parse(struct str s)
{
	for (enum role r = ROLE_UNSET + 1; r < ROLE__MAX; r++)
		if (str_is(s, role_names[r]))
			return r;
	return ROLE_UNSET;
}

enum signin
perm_signin(enum perm perm)
{
	static const enum signin rows[PERM__MAX] = {
		[PERM_PUBLIC] = SIGNIN_ANY,
#define PERM(name, roles, signin, ...) [PERM_##name] = SIGNIN_##signin,
#include "http/perms.def"
#undef PERM
	};

	assert(perm < PERM__MAX);
	return rows[perm];
}

const char *
perm_name(enum perm perm)
{
	assert(perm < PERM__MAX);
	return perm_names[perm];
}
