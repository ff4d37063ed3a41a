/* aged.h - readings that may be some seconds old (routes say which: .aged) run on a standby, when there is
 * one, it is not older than standby_max_age_ms, and the caller has written nothing that it might not show.
 * Whatever is amiss there, the primary answers. */
#ifndef HTTP_AGED_H
#define HTTP_AGED_H

#include "http/req.h"
#include "sys/conf.h"

/* What the primary says: has the caller written lately, and where does its log end? */
struct aged_here {
	int64_t wrote, lsn, clock_ms; /* lsn: -1 when it is none any more */
};
extern const struct type aged_here_type;
/* What the standby says: up to where it has replayed, and when the last commit there was made (by the
 * primary's clock; 0: nobody knows). */
struct aged_there {
	int64_t standby, streaming, lsn, commit_ms;
};
extern const struct type aged_there_type;

/* Where a reading of an .aged route was answered, and why not on the standby: labels of M_AGED_READS. */
enum aged {
	AGED_STANDBY,
	AGED_WROTE, /* the caller has just written */
	AGED_AWAY,  /* no standby, or one that does not follow */
	AGED_LATE,  /* it is too far behind */
	AGED_AGAIN, /* it failed on the way, or its answer was an error: asked again on the primary */
	AGED__MAX
};

void aged_init(const struct conf *);
/* How old the standby was when it was last asked; 0: it never was. */
int64_t aged_last_ms(void);
/* The request's handler, on the standby or in the transaction that is open. */
enum err aged_run(struct req *) MUST_CHECK;
/* A writing answer is about to leave. */
void aged_wrote(struct id actor);
/* Of the standby's answer to the primary's; -1: not to be used. */
int64_t aged_ms(const struct aged_here *, const struct aged_there *);

#endif
