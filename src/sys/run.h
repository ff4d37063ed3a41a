/* run.h - another program, run to its end without a shell: its words come back. */
#ifndef SYS_RUN_H
#define SYS_RUN_H

#include "base/buf.h"

enum { RUN_NOT_STARTED = -1, RUN_TOO_LONG = -2, RUN_KILLED = -3 };

/* argv[0] is sought in PATH. stdout and stderr go to out (which may be NULL: they go where
 * ours go). Its exit status, or one of the above; after timeout_ms it is killed. */
int run_program(const char *const argv[], int timeout_ms, struct buf *out);
/* The same as another account, which only root can; "" or our own name: as we are. The program's
 * group and further groups are that account's, and it starts in /. */
int run_program_as(const char *user, const char *const argv[], int timeout_ms, struct buf *out);
/* Is there such a program in PATH? */
bool run_exists(const char *name);

#endif
