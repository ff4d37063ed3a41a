/* privacy.h - the data dictionary, also for `plantao docs`. */
#ifndef CMD_PRIVACY_H
#define CMD_PRIVACY_H

#include "base/buf.h"

/* After router_init: Markdown, every type behind a door. */
void privacy_dictionary(struct buf *);

#endif
