/* power.c - the notes.  An entry is a head and the bytes before and after; native byte order, for
 * the same machine reads it. */
#include "power.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum what { WRITE = 1, TRUNCATE = 2, SYNCED = 3 };

struct head {
	uint32_t what, before_n, after_n, zero;
	uint64_t inode;
	int64_t at, size_before; /* SYNCED: at is the position in the notes */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int notes = -1;
static int64_t position;

/* Before the process is confined. */
__attribute__((constructor)) static void
open_notes(void)
{
	const char *path = getenv("PLANTAO_TEST_POWER");

	if (path != NULL)
		notes = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

static void
note(struct head h, int fd, const void *before, const void *after)
{
	struct iovec parts[] = { { &h, sizeof h }, { (void *)(uintptr_t)before, h.before_n },
		{ (void *)(uintptr_t)after, h.after_n } };
	struct stat st;

	if (notes < 0 || fstat(fd, &st) != 0)
		return;
	h.inode = st.st_ino;
	h.size_before = st.st_size;
	/* Before the write itself happens: a kill in between leaves a note of what did not. */
	ssize_t n = syscall(SYS_writev, notes, parts, 3);
	if (n != (ssize_t)(sizeof h + h.before_n + h.after_n))
		abort();
	position += n;
}

void
power_write(int fd, const void *p, size_t n, off_t at)
{
	char before[1 << 17];
	ssize_t had;

	if (n > sizeof before)
		abort();
	pthread_mutex_lock(&lock);
	had = syscall(SYS_pread64, fd, before, n, at);
	note((struct head){ .what = WRITE,
	             .before_n = had > 0 ? (uint32_t)had : 0,
	             .after_n = (uint32_t)n,
	             .at = at },
	        fd, before, p);
	pthread_mutex_unlock(&lock);
}

void
power_truncate(int fd, off_t size)
{
	pthread_mutex_lock(&lock);
	note((struct head){ .what = TRUNCATE, .at = size }, fd, NULL, NULL);
	pthread_mutex_unlock(&lock);
}

int64_t
power_position(void)
{
	int64_t at;

	pthread_mutex_lock(&lock);
	at = position;
	pthread_mutex_unlock(&lock);
	return at;
}

void
power_synced(int fd, int64_t from)
{
	pthread_mutex_lock(&lock);
	note((struct head){ .what = SYNCED, .at = from }, fd, NULL, NULL);
	pthread_mutex_unlock(&lock);
}
