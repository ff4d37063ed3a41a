/* backup_ship.h - continuous shipping while the server works, in threads of its own: a base
 * at the start and every backup_base_hours, the log every backup_interval_ms, or before
 * each acknowledgement (backup_before_ack). */
#ifndef OPS_BACKUP_SHIP_H
#define OPS_BACKUP_SHIP_H

#include "ops/backup.h"

/* The key is read and the target looked at, while the process may still do so. */
enum err backup_ship_open(const struct conf *, struct store *, char *why) MUST_CHECK;
/* After open.  With backup_before_ack, and unless `later` (a successor, whose requests wait), returns only
 * when the first base is in the target; a target that does not take it is an error. */
enum err backup_ship_start(bool later, char *why) MUST_CHECK;
/* A successor before it may ship: its commits wait for what backup_ship_start begins. */
void backup_ship_hold(const struct conf *, struct store *);
void backup_ship_stop(void);

#endif
