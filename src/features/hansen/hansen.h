/* hansen.h - the hanseníase part as the program starts and stops it.  Protocols
 * are in protocol.h, calculators in calc.h of their own feature. */
#ifndef FEATURES_HANSEN_HANSEN_H
#define FEATURES_HANSEN_HANSEN_H

#include "base/base.h"

/* Checks the protocol and runs the calculators' golden cases, now and every hour: a
 * difference is logged (PROTOCOL_UNAVAILABLE, MEDICAL_CALCULATION_ERROR), shows in the
 * metrics and stops that part, never the server.  Once per process. */
enum err hansen_start(char *why) MUST_CHECK; /* why: 200 bytes; ERR_BUSY: no thread */
void hansen_stop(void);
/* One such round; false when something differs. */
bool hansen_verify(void);

#endif
