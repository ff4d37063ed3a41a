/* watch.h - rules over the audit trail that open incidents by themselves. */
#ifndef FEATURES_INCIDENTS_WATCH_H
#define FEATURES_INCIDENTS_WATCH_H

#include "store/db.h"

/* Called by a thread of its own once a minute; opens at most one incident a rule, account and day. */
void watch_run(struct ctx *, struct db *);
enum err watch_start(struct store *) MUST_CHECK;
void watch_stop(void);

#endif
