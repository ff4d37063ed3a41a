/* upgrade.h - work that a migration left for the program, done at the first start after it. */
#ifndef CMD_UPGRADE_H
#define CMD_UPGRADE_H

#include "cmd/app.h"

enum { PAGE_ARENA = 64 << 20 };

/* Says on stderr what failed; EXIT_DONE also when nothing was due. */
int upgrade_run(struct app *);

#endif
