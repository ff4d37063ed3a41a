/* proc.h - this process as the system sees it. */
#ifndef SYS_PROC_H
#define SYS_PROC_H

#include "base/base.h"

int64_t proc_rss(void); /* resident bytes */
int64_t proc_open_fds(void);
int proc_memory_percent(void); /* of the machine or of its memory cgroup; 0: unknown */
/* Raises the soft (and, as root, the hard) limit; false when it stays below wanted. */
bool proc_raise_fds(unsigned wanted);
/* No core dumps, no ptrace by others: keys and charts are in this memory. */
void proc_harden(void);

#endif
