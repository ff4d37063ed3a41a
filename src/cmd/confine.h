/* confine.h - the walls around a serving process: which files stay within reach. */
#ifndef CMD_CONFINE_H
#define CMD_CONFINE_H

#include "cmd/app.h"

/* When keys, certificate and socket are there and no thread is.  Says in the log how far the
 * kernel went along; configuration may switch it off, loudly.  why: 200 bytes. */
enum err confine(const struct app *, char *why) MUST_CHECK;

#endif
