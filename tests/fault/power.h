/* power.h - what a disk would have lost: every write of SQLite, with the bytes before and after, and
 * every sync, is noted in the file PLANTAO_TEST_POWER.  tests/lib/power.py plays the power failure. */
#ifndef TESTS_FAULT_POWER_H
#define TESTS_FAULT_POWER_H

#include <stdint.h>
#include <sys/types.h>

void power_write(int fd, const void *p, size_t n, off_t at);
void power_truncate(int fd, off_t size);
int64_t power_position(void);
/* All that was noted before `from` is on disk. */
void power_synced(int fd, int64_t from);

#endif
