/* housekeeping.h - what is over is removed: sessions, first answers, failed sign-ins. */
#ifndef FEATURES_SYSTEM_HOUSEKEEPING_H
#define FEATURES_SYSTEM_HOUSEKEEPING_H

#include "store/db.h"

/* Called by the health watcher at each look; does its work once an hour. */
void housekeeping_tick(struct ctx *, struct db *);

#endif
