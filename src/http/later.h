/* later.h - threads for what a request may wait for after its commit (req_later): a few, each
 * for one request, so that somebody outside who is slow holds up nothing else. */
#ifndef HTTP_LATER_H
#define HTTP_LATER_H

#include "http/req.h"

struct later;

/* ceiling: of each request's arena.  count 0: later_give always says no. */
enum err later_start(unsigned count, size_t ceiling, struct later **) MUST_CHECK;
/* true: the request goes on there, and *req is as if answered, with another arena.  false: no thread is free.
 */
bool later_give(struct later *, struct req *) MUST_CHECK;
/* Finishes what runs, ends the threads; nobody gives any more. */
void later_stop(struct later *);

#endif
