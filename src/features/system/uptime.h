/* uptime.h - how the service did in the last day and week, for the status page: a row a minute in the
 * store, so that it outlives a restart and is one for all nodes, and the sums of them in memory, so
 * that showing them needs no store. */
#ifndef FEATURES_SYSTEM_UPTIME_H
#define FEATURES_SYSTEM_UPTIME_H

#include "base/type.h"
#include "store/db.h"

/* A quarter of an hour, or an hour. */
struct service_slot {
	struct instant at;          /* its beginning */
	int64_t up_ms, watched_ms;  /* ready, of how long there is something to know */
	int64_t requests, failures; /* answers; those of them that were 5xx */
	int64_t busy_us;            /* from complete request to answer, of all together */
	int64_t p99_us; /* that of the slowest minute, as a bound of the histogram's; 0: no answer */
};
struct service_first {
	struct instant at; /* the oldest minute kept; 0: none */
};
extern const struct type service_slot_type, service_first_type;

struct service_history {
	struct list day, week; /* of service_slot, oldest first; a slot that is not over counts what is */
};
extern const struct type service_history_type;

/* On the health watcher's thread and connection, several times a second: writes the minute that is over. */
void uptime_tick(struct ctx *, struct db *, bool ready);
/* Writes what there is of the present minute: the program stops. */
void uptime_end(struct ctx *, struct db *);
/* Copies, in the arena. */
enum err uptime_look(struct ctx *, struct service_history *out) MUST_CHECK;

#endif
