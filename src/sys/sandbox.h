/* sandbox.h - what this process may still do once it serves: the system calls of
 * syscalls.def, the files it was given here, no capability, no new program.  For
 * ever, and for every thread made afterwards; so it is entered before any is made.
 *
 * It limits what a hole in the program is worth.  It is no substitute for the
 * service manager's walls (deploy/systemd), which stand around it. */
#ifndef SYS_SANDBOX_H
#define SYS_SANDBOX_H

#include "base/base.h"

enum sandbox_may {
	SANDBOX_READ,  /* a file, or all that is below a directory */
	SANDBOX_WRITE, /* read and write a file; with a directory also make, list and remove below it */
	SANDBOX_NAMES, /* a directory: list it, make and remove files; their bytes need a row of their own */
};
/* Before sandbox_enter; a path that does not exist is left out.  The path is copied as what it
 * names now: a file put in its place later is another. */
void sandbox_allow(const char *path, enum sandbox_may);
/* What a server of any kind reads: libraries, name resolution, time zones, certificates, its own /proc. */
void sandbox_allow_system(void);

struct sandbox {
	bool on;      /* entered */
	bool filter;  /* system calls */
	int landlock; /* the kernel's version of it, 0: it has none */
	bool powers;  /* capabilities are gone */
};
/* All or nothing but landlock, which older kernels lack (.landlock says so).  why: 200 bytes. */
enum err sandbox_enter(struct sandbox *, char *why) MUST_CHECK;
/* As it was entered; all false before. */
struct sandbox sandbox_state(void);

#endif
