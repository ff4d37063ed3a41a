/* archiver.c - a failing archive_command is quiet in PostgreSQL: its log grows until the disk is
 * full, and a restore would end long before the loss.  Here it is an alarm. */
#include "features/system/archiver.h"
#include "features/system/health_rows.h"
#include "system_sql.h"
#include "sys/log.h"
#include "sys/metrics.h"

#include <stdatomic.h>

enum { EVERY_MS = 5000 };

static const struct field archiver_fields[] = {
	FIELD(archiver, archives, .sens = SENS_PLAIN),
	FIELD(archiver, failing, .sens = SENS_PLAIN),
	FIELD(archiver, archived_ms, .sens = SENS_PLAIN),
};
const struct type archiver_type = TYPE(archiver, archiver_fields);

static atomic_bool is_on;

bool
archiver_is_on(void)
{
	return atomic_load(&is_on);
}

static void
tell(const struct archiver *a)
{
	if (a->failing && !metric_value(M_BACKUP_FAILING, 0))
		log_event(EV_BACKUP_FAILING, { "why", LOG_S("PostgreSQL's archive_command fails") });
	atomic_store(&is_on, a->archives != 0);
	metric_set(M_BACKUP_FAILING, 0, a->failing);
	metric_set(M_BACKUP_SHIPPED, 0, a->archived_ms / 1000);
}

void
archiver_tick(struct ctx *ctx, struct db *db)
{
	static int64_t last_ms;
	struct archiver a = { .archives = 0 };
	enum err err;

	if (store_engine(db_store(db)) != ENGINE_POSTGRES || ctx->now.ms - last_ms < EVERY_MS ||
	        db_begin(ctx, db, TX_READ) != OK)
		return;
	err = sql_archiver_look(ctx, &a);
	db_rollback(ctx);
	last_ms = ctx->now.ms;
	if (err == OK)
		tell(&a);
}
