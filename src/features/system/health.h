/* health.h - is this node fit to work?  A thread writes to the database twice a
 * second and looks at disk, memory, clock and keys; the doors show what it saw. */
#ifndef FEATURES_SYSTEM_HEALTH_H
#define FEATURES_SYSTEM_HEALTH_H

#include "store/db.h"
#include "sys/conf.h"

struct keyring;

enum err health_start(const struct conf *, struct store *, struct keyring *, char *why) MUST_CHECK;
void health_stop(void);
/* /ready says no from now on: the balancer sends its users elsewhere. */
void health_drain(void);
bool health_ready(void);

#endif
