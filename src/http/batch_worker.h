/* batch_worker.h - one worker thread's batch, between batch.c (taking, reading, sending)
 * and batch_write.c. */
#ifndef HTTP_BATCH_WORKER_H
#define HTTP_BATCH_WORKER_H

#include <pthread.h>

#include "audit_sql.h"
#include "http/audit_write.h"
#include "http/depart.h"

struct worker {
	pthread_t thread;
	struct batch_pool *pool;
	bool far; /* PostgreSQL: every question is a round trip */
	struct queue *queue;
	struct db *db;
	unsigned take;  /* requests at once: 1 in the slow lane */
	unsigned few;   /* ... when more come than can be served: several workers' batches are far then, and
	                 * each request waits for all of its own */
	struct ctx ctx; /* of the shared transactions */
	struct departures *departures; /* NULL: it waits for the disk and sends by itself */
	struct handful *hand;
	struct req *reqs; /* the handful's */
	struct audit_add_in rows[BATCH_MAX];
	unsigned row_count;
	uint64_t until_ns; /* so long these requests wait for a database that is away */
};

/* Waits for a database that is away; a request whose time is over does not ask again. */
enum err worker_begin(struct worker *, enum tx_mode) MUST_CHECK;
/* Run the whole work again?  tries: how often it was run. */
bool worker_again(const struct worker *, enum err, int tries);
/* From now on the worker waits as long as this request may. */
void worker_be_patient(struct worker *, const struct exchange *);
/* One request's audit entry, to be written with the commit; on an error the answer is its refusal already. */
enum err worker_note_entry(struct worker *, struct req *);
/* Refuses the first n that have not left. */
void worker_fail_open(struct worker *, unsigned n, enum err);
void worker_send_done(struct worker *, unsigned n);

/* ---- batch_write.c */
/* The writing halves of the first n, the audit entries and the commit.  Those that are done afterwards may
 * leave. */
void batch_write(struct worker *, unsigned n);

#endif
