/* archiver.h - PostgreSQL's archiver, watched: without it a backup ends at its last base. */
#ifndef FEATURES_SYSTEM_ARCHIVER_H
#define FEATURES_SYSTEM_ARCHIVER_H

#include "store/db.h"

/* Looks every few seconds, on the health watcher's connection; does nothing on SQLite. */
void archiver_tick(struct ctx *, struct db *);
bool archiver_is_on(void); /* as seen last */

#endif
