/* disk.h - a disk under SQLite that fails when a test wants it to. */
#ifndef TESTS_STORE_DISK_H
#define TESTS_STORE_DISK_H

#include "base/base.h"

/* Which operations fail, and how. */
enum disk_fault {
	DISK_FINE,
	DISK_WRITE_REFUSED, /* EIO */
	DISK_FULL,          /* no space */
	DISK_SYNC_REFUSED,  /* fsync says EIO */
	DISK__MAX
};

/* Becomes SQLite's default from now on. */
void disk_install(void);
/* The n-th operation of the fault's kind from now fails, and all after it. */
void disk_fail(enum disk_fault, long n);
/* The next one fails, and none after it. */
void disk_fail_once(enum disk_fault);
void disk_mend(void);
/* Were there as many operations that the n-th was met? */
bool disk_met(void);
/* Syncs do nothing: for tests that write much and lose no power. */
void disk_lazy(bool);
long disk_syncs(void);

#endif
