/* auth_rows.h - small rows of auth.sql, for this folder alone. */
#ifndef FEATURES_AUTH_AUTH_ROWS_H
#define FEATURES_AUTH_AUTH_ROWS_H

#include "base/type.h"

struct login_attempt {
	int64_t failures;
	struct instant locked_until;
};
extern const struct type login_attempt_type;

struct session_row {
	struct id id;
	struct instant created_at, expires_at, seen_at;
	struct str address, agent;
	bool current;
};
extern const struct type session_row_type;

/* The delay after the n-th failure in a row: none below 5, then 30 s doubling to 15 min. */
int64_t lockout_ms(int64_t failures);

#endif
