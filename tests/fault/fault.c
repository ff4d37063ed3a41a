/* fault.c - the program with a switch: any allocation, any system call it makes, any page SQLite
 * reads or writes and any statement can be made to fail, the N-th, or all from the N-th on.
 *
 * Nothing of this is in src/: the linker puts these functions between the program's objects and
 * the libraries (--wrap, tests/meson.build), into a second program, plantao_faults.  The plan is a
 * file in memory that a test shares (PLANTAO_TEST_FAULTS); without one nothing fails.
 *
 * The same program holds an intruder: a request with "X-Test-Intruder: exec" or ": open PATH"
 * makes the thread that received it try, from inside the confined server. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/base.h"
#include "power.h"

enum kind { NOTHING, MEMORY, SYSTEM, STATEMENT, LIBRARY_MEMORY, DISK };

/* tests/lib/faults.py knows this layout. */
struct plan {
	_Atomic uint32_t kind;
	_Atomic uint32_t from_on; /* 0: once */
	_Atomic int32_t left;     /* calls before the one that fails */
	_Atomic uint32_t met;     /* calls of the kind since it was armed */
	_Atomic uint32_t failed;
	_Atomic uint32_t power;   /* writes are noted for the day the power fails: power.c */
	_Atomic uint32_t lying;   /* the disk says it has written what it has not */
	char last[64];            /* the call that failed last */
	_Atomic uint32_t counts;  /* the rest counts what a request costs (tests/privacy/test_work.py) */
	_Atomic uint32_t queries; /* statements sent, or SQLite's steps from row to row */
	_Atomic uint32_t steps;   /* of SQLite's virtual machine: what was looked through to find them */
	_Atomic uint32_t opened;  /* bytes of sealed values */
};

static struct plan none, *plan = &none;

__attribute__((constructor)) static void
find_plan(void)
{
	const char *path = getenv("PLANTAO_TEST_FAULTS");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (p != MAP_FAILED)
		plan = p;
}

/* Several threads may fail at once, and the test reads one name. */
static void
note_last(const char *what)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&lock);
	snprintf(plan->last, sizeof plan->last, "%s", what);
	pthread_mutex_unlock(&lock);
}

static bool
fails(enum kind kind, const char *what)
{
	if (atomic_load_explicit(&plan->kind, memory_order_relaxed) != kind)
		return false;
	atomic_fetch_add(&plan->met, 1);
	int32_t left = atomic_fetch_sub(&plan->left, 1);
	if (left > 0 || (left < 0 && !plan->from_on))
		return false;
	atomic_fetch_add(&plan->failed, 1);
	note_last(what);
	return true;
}

/* ---- memory */

#define REAL(type, name, ...)                                                                                \
	type __real_##name(__VA_ARGS__);                                                                     \
	type __wrap_##name(__VA_ARGS__);                                                                     \
	type __wrap_##name(__VA_ARGS__)

REAL(void *, malloc, size_t n) { return fails(MEMORY, "malloc") ? (errno = ENOMEM, NULL) : __real_malloc(n); }
REAL(void *, calloc, size_t n, size_t size)
{
	return fails(MEMORY, "calloc") ? (errno = ENOMEM, NULL) : __real_calloc(n, size);
}
REAL(void *, realloc, void *p, size_t n)
{
	return fails(MEMORY, "realloc") ? (errno = ENOMEM, NULL) : __real_realloc(p, n);
}
REAL(void *, aligned_alloc, size_t align, size_t n)
{
	return fails(MEMORY, "aligned_alloc") ? (errno = ENOMEM, NULL) : __real_aligned_alloc(align, n);
}
REAL(char *, strdup, const char *s)
{
	return fails(MEMORY, "strdup") ? (errno = ENOMEM, NULL) : __real_strdup(s);
}

/* ---- system calls */

#define SYSTEM_CALL(type, name, error, params, args)                                                         \
	type __real_##name params;                                                                           \
	type __wrap_##name params;                                                                           \
	type __wrap_##name params                                                                            \
	{                                                                                                    \
		if (fails(SYSTEM, #name)) {                                                                  \
			errno = (error);                                                                     \
			return (type)-1;                                                                     \
		}                                                                                            \
		return __real_##name args;                                                                   \
	}

SYSTEM_CALL(ssize_t, read, EIO, (int fd, void *p, size_t n), (fd, p, n))
SYSTEM_CALL(ssize_t, __read_chk, EIO, (int fd, void *p, size_t n, size_t room), (fd, p, n, room))
SYSTEM_CALL(ssize_t, write, ENOSPC, (int fd, const void *p, size_t n), (fd, p, n))
SYSTEM_CALL(ssize_t, pread64, EIO, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))
SYSTEM_CALL(
        ssize_t, __pread64_chk, EIO, (int fd, void *p, size_t n, off_t at, size_t room), (fd, p, n, at, room))
SYSTEM_CALL(int, fsync, EIO, (int fd), (fd))
SYSTEM_CALL(int, rename, ENOSPC, (const char *from, const char *to), (from, to))
SYSTEM_CALL(int, link, ENOSPC, (const char *from, const char *to), (from, to))
SYSTEM_CALL(int, mkdir, ENOSPC, (const char *path, mode_t mode), (path, mode))
SYSTEM_CALL(int, fstat64, EIO, (int fd, struct stat64 *st), (fd, st))
SYSTEM_CALL(int, socket, EMFILE, (int a, int b, int c), (a, b, c))
SYSTEM_CALL(int, accept4, EMFILE, (int fd, struct sockaddr *a, socklen_t *n, int flags), (fd, a, n, flags))
SYSTEM_CALL(ssize_t, send, EPIPE, (int fd, const void *p, size_t n, int flags), (fd, p, n, flags))
SYSTEM_CALL(ssize_t, sendmsg, EPIPE, (int fd, const struct msghdr *m, int flags), (fd, m, flags))
SYSTEM_CALL(int, epoll_ctl, ENOMEM, (int e, int op, int fd, struct epoll_event *ev), (e, op, fd, ev))
SYSTEM_CALL(int, poll, ENOMEM, (struct pollfd * p, nfds_t n, int ms), (p, n, ms))
SYSTEM_CALL(int, __poll_chk, ENOMEM, (struct pollfd * p, nfds_t n, int ms, size_t room), (p, n, ms, room))

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int
__wrap_open64(const char *path, int flags, ...)
{
	va_list more;
	mode_t mode;

	va_start(more, flags);
	mode = (flags & O_CREAT) ? va_arg(more, mode_t) : 0;
	va_end(more);
	if (fails(SYSTEM, "open")) {
		errno = EMFILE;
		return -1;
	}
	return __real_open64(path, flags, mode);
}

/* ---- the intruder */

static void
intrude(const char *order)
{
	char path[256] = "";

	if (strncmp(order, "exec", 4) == 0)
		execl("/bin/true", "true", (char *)NULL);
	if (strncmp(order, "open ", 5) == 0) {
		snprintf(path, sizeof path, "%.*s", (int)strcspn(order + 5, "\r\n"), order + 5);
		int fd = (int)__real_open64(path, O_RDONLY | O_CLOEXEC);
		fprintf(stderr, "intruder: %s: %s\n", path, fd >= 0 ? "OPENED" : strerrordesc_np(errno));
	}
}

static ssize_t
received(const char *p, ssize_t n)
{
	static const char name[] = "X-Test-Intruder: ";
	const char *at = n > 0 ? memmem(p, (size_t)n, name, sizeof name - 1) : NULL;

	if (at != NULL)
		intrude(at + sizeof name - 1);
	return n;
}

ssize_t __real_recv(int fd, void *p, size_t n, int flags);
ssize_t __wrap_recv(int fd, void *p, size_t n, int flags);
ssize_t
__wrap_recv(int fd, void *p, size_t n, int flags)
{
	if (fails(SYSTEM, "recv")) {
		errno = ECONNRESET;
		return -1;
	}
	return received(p, __real_recv(fd, p, n, flags));
}

/* ---- statements */

int __real_sqlite3_step(sqlite3_stmt *);
int __wrap_sqlite3_step(sqlite3_stmt *);
int
__wrap_sqlite3_step(sqlite3_stmt *st)
{
	if (fails(STATEMENT, sqlite3_sql(st)))
		return SQLITE_IOERR_READ;
	if (!plan->counts)
		return __real_sqlite3_step(st);
	sqlite3_stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 1);
	int rc = __real_sqlite3_step(st);
	atomic_fetch_add(&plan->queries, 1);
	atomic_fetch_add(&plan->steps, (uint32_t)sqlite3_stmt_status(st, SQLITE_STMTSTATUS_VM_STEP, 1));
	return rc;
}

/* The connection is lost at this moment: what the library then does is its own. */
static void
may_lose(PGconn *c, const char *what)
{
	if (fails(STATEMENT, what))
		shutdown(PQsocket(c), SHUT_RDWR);
}

#define LOSES(name, params, args)                                                                            \
	int __real_##name params;                                                                            \
	int __wrap_##name params;                                                                            \
	int __wrap_##name params                                                                             \
	{                                                                                                    \
		may_lose(c, #name);                                                                          \
		return __real_##name args;                                                                   \
	}
int __real_PQsendQueryPrepared(
        PGconn *, const char *, int, const char *const *, const int *, const int *, int);
int __wrap_PQsendQueryPrepared(
        PGconn *, const char *, int, const char *const *, const int *, const int *, int);
int
__wrap_PQsendQueryPrepared(
        PGconn *c, const char *name, int n, const char *const *v, const int *l, const int *f, int r)
{
	may_lose(c, "PQsendQueryPrepared");
	if (plan->counts)
		atomic_fetch_add(&plan->queries, 1);
	return __real_PQsendQueryPrepared(c, name, n, v, l, f, r);
}
LOSES(PQsendPrepare, (PGconn * c, const char *name, const char *q, int n, const Oid *t), (c, name, q, n, t))
LOSES(PQpipelineSync, (PGconn * c), (c))
LOSES(PQconsumeInput, (PGconn * c), (c))

/* ---- sealed values */

bool __real_gcm_open(const unsigned char *key, struct str aad, struct blob sealed, unsigned char *out);
bool __wrap_gcm_open(const unsigned char *key, struct str aad, struct blob sealed, unsigned char *out);
bool
__wrap_gcm_open(const unsigned char *key, struct str aad, struct blob sealed, unsigned char *out)
{
	if (plan->counts)
		atomic_fetch_add(&plan->opened, (uint32_t)sealed.n);
	return __real_gcm_open(key, aad, sealed, out);
}

/* ---- SQLite's own memory and disk */

static void *
lite_malloc(int n)
{
	return fails(LIBRARY_MEMORY, "sqlite malloc") ? NULL : __real_malloc((size_t)n);
}
static void *
lite_realloc(void *p, int n)
{
	return fails(LIBRARY_MEMORY, "sqlite realloc") ? NULL : __real_realloc(p, (size_t)n);
}
static int
lite_size(void *p)
{
	return p ? (int)malloc_usable_size(p) : 0;
}
static int
lite_round(int n)
{
	return (n + 7) & ~7;
}
static int
lite_begin(void *arg)
{
	(void)arg;
	return SQLITE_OK;
}
static void
lite_end(void *arg)
{
	(void)arg;
}

__attribute__((constructor)) static void
take_memory(void)
{
	static const sqlite3_mem_methods ours = { lite_malloc, free, lite_realloc, lite_size, lite_round,
		lite_begin, lite_end, NULL };

	if (getenv("PLANTAO_TEST_FAULTS"))
		sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
}

typedef ssize_t pread_fn(int, void *, size_t, off_t);
typedef ssize_t pwrite_fn(int, const void *, size_t, off_t);
typedef int ftruncate_fn(int, off_t);
static pread_fn *real_pread;
static pwrite_fn *real_pwrite;
static ftruncate_fn *real_ftruncate;

static ssize_t
disk_read(int fd, void *p, size_t n, off_t at)
{
	return fails(DISK, "disk read") ? (errno = EIO, -1) : real_pread(fd, p, n, at);
}
static ssize_t
disk_write(int fd, const void *p, size_t n, off_t at)
{
	if (fails(DISK, "disk write")) {
		errno = ENOSPC;
		return -1;
	}
	if (plan->power)
		power_write(fd, p, n, at);
	return real_pwrite(fd, p, n, at);
}
/* libsqlite3 calls it by name, and a program's own symbol stands before the C library's. */
int
fdatasync(int fd)
{
	int64_t at = plan->power ? power_position() : 0;
	int rc;

	if (fails(DISK, "disk sync")) {
		errno = EIO;
		return -1;
	}
	if (plan->lying)
		return 0;
	rc = (int)syscall(SYS_fdatasync, fd);
	if (rc == 0 && plan->power)
		power_synced(fd, at);
	return rc;
}

static int
disk_truncate(int fd, off_t size)
{
	if (fails(DISK, "disk truncate")) {
		errno = EIO;
		return -1;
	}
	if (plan->power)
		power_truncate(fd, size);
	return real_ftruncate(fd, size);
}

static void
take_disk(void)
{
	sqlite3_vfs *v = sqlite3_vfs_find(NULL);

	real_pread = (pread_fn *)v->xGetSystemCall(v, "pread64");
	if (real_pread == NULL)
		real_pread = (pread_fn *)v->xGetSystemCall(v, "pread");
	real_pwrite = (pwrite_fn *)v->xGetSystemCall(v, "pwrite64");
	if (real_pwrite == NULL)
		real_pwrite = (pwrite_fn *)v->xGetSystemCall(v, "pwrite");
	real_ftruncate = (ftruncate_fn *)v->xGetSystemCall(v, "ftruncate");
	for (int i = 0; i < 2; i++) {
		(void)v->xSetSystemCall(v, i ? "pread" : "pread64", (sqlite3_syscall_ptr)disk_read);
		(void)v->xSetSystemCall(v, i ? "pwrite" : "pwrite64", (sqlite3_syscall_ptr)disk_write);
	}
	(void)v->xSetSystemCall(v, "ftruncate", (sqlite3_syscall_ptr)disk_truncate);
}

int __real_sqlite3_open_v2(const char *, sqlite3 **, int, const char *);
int __wrap_sqlite3_open_v2(const char *, sqlite3 **, int, const char *);
int
__wrap_sqlite3_open_v2(const char *name, sqlite3 **out, int flags, const char *vfs)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (getenv("PLANTAO_TEST_FAULTS")) {
		sqlite3_initialize();
		pthread_once(&once, take_disk);
	}
	return __real_sqlite3_open_v2(name, out, flags, vfs);
}
