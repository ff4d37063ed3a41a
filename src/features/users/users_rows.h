/* users_rows.h - small rows of users.sql, for this folder alone. */
#ifndef FEATURES_USERS_USERS_ROWS_H
#define FEATURES_USERS_USERS_ROWS_H

#include "features/users/users.h"

struct user_id_row {
	struct id id;
};
extern const struct type user_id_row_type;

extern const struct type user_name_row_type; /* over struct name_row */

struct user_count {
	int64_t n;
};
extern const struct type user_count_type;

struct password_past {
	struct str phc;
};
extern const struct type password_past_type;

struct user_change {
	struct str name, role, cpf;
	bool disabled;
	int64_t version;
};
extern const struct type user_change_type;

enum err user_correct(
        struct ctx *, const struct user *before, const struct user_change *, struct user **after) MUST_CHECK;
enum err user_list(struct ctx *, struct id before, int64_t limit, struct list *out) MUST_CHECK;

#endif
