/* store_move.h - the embedded database's rows into PostgreSQL: copied in transactions that
 * know how far they came, so that an interrupted run goes on, and compared afterwards row by
 * row, both sides read anew. */
#ifndef OPS_STORE_MOVE_H
#define OPS_STORE_MOVE_H

#include "store/db.h"
#include "sys/keyring.h"

typedef void store_move_progress_fn(const char *what, const char *table, int64_t done, int64_t of);

struct store_move_conf {
	struct store *from; /* embedded, held exclusively, its audit trail sealed */
	struct keyring *keyring;
	const char *to_url;
	int connect_timeout_ms;
	store_move_progress_fn *progress; /* NULL: silent */
};
struct store_move_result {
	int64_t tables, rows, resumed; /* rows that an earlier run had brought */
	int64_t audit_entries, charts_opened;
};
/* ERR_STATE: the target is in use, or belongs to a run of another database, or what arrived
 * is not what was sent. why: 200 bytes, without secrets. */
enum err store_move(const struct store_move_conf *, struct store_move_result *, char *why) MUST_CHECK;

#endif
