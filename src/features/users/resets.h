/* resets.h - the ways of an account whose password an administrator replaced. He knows that
 * password, so it opens nothing: the person chooses another, and that one opens charts only
 * once somebody who does not hang from the same administrator has seen who holds it. */
#ifndef FEATURES_USERS_RESETS_H
#define FEATURES_USERS_RESETS_H

#include "features/users/users.h"

enum { RESET_CODE_BYTES = 5, RESET_CODE = 8 }; /* base32 */

struct account_reset {
	struct id id, user_id, asked_by;
	struct instant at, decided_at;
	struct id decided_by;
	struct str verdict;
	bool waiting;                        /* the person has not chosen a password yet */
	struct str user_name, asked_by_name; /* found out after reading */
};
extern const struct type account_reset_type;

struct reset_told {
	struct str code;
	struct instant at;
};
extern const struct type reset_told_type;

/* A password handed over: ends the account's sessions and opens a reset. */
enum err reset_ask(struct ctx *, const struct user *, struct str password, struct id *out) MUST_CHECK;
/* The code is what the person reads out; ERR_INVALID on `code` when it is another. */
enum err reset_confirm(struct ctx *, const struct account_reset *, struct str code) MUST_CHECK;
/* The password dies with it; the account waits for another reset. */
enum err reset_refuse(struct ctx *, const struct account_reset *) MUST_CHECK;

#endif
