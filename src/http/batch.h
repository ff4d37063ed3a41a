/* batch.h - worker threads: they take requests from the queue in handfuls and
 * run each top to bottom, sharing one reading transaction, one writing
 * transaction and one durable commit.  Answers leave when it is on disk (depart.h). */
#ifndef HTTP_BATCH_H
#define HTTP_BATCH_H

#include "http/server.h"
#include "store/db.h"
#include "sys/conf.h"

struct batch_pool;

/* later: so many requests may wait for somebody outside at once (req_later). */
enum err batch_start(
        const struct conf *, struct store *, unsigned later, struct batch_pool **, char *why) MUST_CHECK;
/* The edge's server_request_fn; arg is the pool. */
void batch_request(void *arg, struct exchange *);
/* Answers what waits, then ends the threads. */
void batch_stop(struct batch_pool *);

#endif
