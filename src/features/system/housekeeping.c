/* housekeeping.c - once an hour, in one short transaction.  Nothing here touches a
 * chart or the audit trail. */
#include "features/system/housekeeping.h"
#include "system_sql.h"
#include "sys/crypto.h"

enum { EVERY_MS = 3600000, DAY_MS = 86400000, HISTORY_DAYS = 8 };

static enum err
remove_what_is_over(struct ctx *ctx)
{
	struct instant yesterday = { ctx->now.ms - DAY_MS };
	struct instant last_week = { ctx->now.ms - (int64_t)HISTORY_DAYS * DAY_MS };

	TRY(sql_sessions_over(ctx));
	TRY(sql_service_minutes_over(ctx, &(struct service_minutes_over_in){ .before = last_week }));
	TRY(sql_first_answers_over(ctx, &(struct first_answers_over_in){ .before = yesterday }));
	return sql_attempts_over(ctx, &(struct attempts_over_in){ .before = yesterday });
}

void
housekeeping_tick(struct ctx *ctx, struct db *db)
{
	static int64_t last_ms;
	enum err err;

	if (ctx->now.ms - last_ms < EVERY_MS || db_begin(ctx, db, TX_WRITE) != OK)
		return;
	err = remove_what_is_over(ctx);
	if (err == OK)
		err = db_commit(ctx);
	else
		db_rollback(ctx);
	if (err == OK)
		last_ms = ctx->now.ms;
}
