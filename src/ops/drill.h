/* drill.h - people at work while something breaks: what was acknowledged to them is kept in a
 * ledger and afterwards compared with what is there. */
#ifndef OPS_DRILL_H
#define OPS_DRILL_H

#include "base/buf.h"

enum { DRILL_USERS_MAX = 1000, DRILL_SLOT_MS = 250, DRILL_SLOTS_MAX = 2400, DRILL_TRIES_KEPT = 12 };

struct drill_conf {
	const char *scenario;        /* a word for the report */
	const char *url, *ca;        /* https://HOST:PORT; ca: its authority's file, or NULL */
	const char *token, *patient; /* who writes, and whose records */
	unsigned users, seconds, think_ms;
	unsigned after_s, heal_after_s;
	const char *fault, *heal; /* commands for sh, or NULL */
};

/* One answer to a write that was repeated: its status (0: none came) and how long it took. */
struct drill_try {
	int status;
	int64_t ms;
};

struct drill_result {
	int64_t acked, errors, lost, duplicated, stale, unfinished;
	int64_t gap_ms;    /* the longest time without an acknowledged write, from the fault on */
	int64_t gap_at_ms; /* when it began, after the fault */
	int64_t fault_ms;  /* how long the fault's command ran */
	bool fault_late;   /* it ended when nobody was at work any more: nothing was measured */
	int64_t stall_p50_ms, stall_max_ms;         /* of each user's longest wait for one write */
	struct drill_try longest[DRILL_TRIES_KEPT]; /* how the longest wait went: its first answers */
	unsigned longest_tries;                     /* how many it were */
	int64_t errors_user_max;                    /* of one user */
	int64_t statuses[600];                      /* answers that were no success; 0: no answer */
	unsigned users_with_errors;
	unsigned slots, acked_in[DRILL_SLOTS_MAX]; /* acknowledged writes in each DRILL_SLOT_MS */
	int fault_exit, heal_exit;
};

/* Runs, waits until what was broken answers again, compares. why: 200 bytes. */
enum err drill_run(const struct drill_conf *, struct drill_result *, char *why) MUST_CHECK;
void drill_json(const struct drill_conf *, const struct drill_result *, struct buf *);

#endif
