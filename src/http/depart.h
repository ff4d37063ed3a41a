/* depart.h - answers on their way out.  They leave when what they tell of is on disk; a thread of its own
 * waits for that and sends them, while the worker runs the next handful. */
#ifndef HTTP_DEPART_H
#define HTTP_DEPART_H

#include "http/later.h"
#include "http/req.h"

enum { BATCH_MAX = 64 };

/* Requests that run together. */
struct handful {
	struct req *reqs; /* each with its arena */
	unsigned room, n;
	uint64_t upto;     /* of the store's commits: what these answers tell of */
	uint64_t since_ns; /* when its commit began; 0: there was none, or it has been counted */
	struct handful *next;
};

/* ceiling: of each request's arena.  NULL: no memory. */
struct handful *handful_new(unsigned room, size_t ceiling) MUST_CHECK;
void handful_free(struct handful *); /* NULL is fine */
/* One whose step is STEP_DONE and whose answer may leave; it may go on elsewhere (later.h). */
void request_send(struct later *, struct req *);
/* Waits for the disk, then sends what is done; when nobody knows what is on disk, a refusal (503). */
void handful_send(struct handful *, struct store *, struct later *);

struct departures;
/* handfuls: so many may be under way at once, the worker's own with them. */
enum err departures_start(
        struct store *, struct later *, unsigned handfuls, size_t ceiling, struct departures **) MUST_CHECK;
/* An empty one, which is the caller's until it gives it back; waits for one. */
struct handful *departures_room(struct departures *);
/* Nothing in it is to be sent. */
void departures_keep(struct departures *, struct handful *);
/* To be sent, in this order. */
void departures_give(struct departures *, struct handful *);
/* Sends what was given and ends the thread; no handful is out any more. NULL is fine. */
void departures_stop(struct departures *);

#endif
