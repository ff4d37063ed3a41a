/* disk.c - see disk.h: SQLite's own file layer with a switch in front. */
#include "unit/store/disk.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>

static sqlite3_vfs disk, *below;
static atomic_int fault;
static atomic_long countdown, syncs;
static atomic_bool met, lazy, once;

struct file {
	sqlite3_file base;
	sqlite3_file *real;
};

static sqlite3_file *
real(sqlite3_file *f)
{
	return ((struct file *)f)->real;
}

static bool
fails(enum disk_fault kind)
{
	if (atomic_load(&fault) != (int)kind)
		return false;
	if (atomic_fetch_sub(&countdown, 1) > 1)
		return false;
	atomic_store(&met, true);
	if (atomic_load(&once))
		disk_mend();
	return true;
}

static int
f_close(sqlite3_file *f)
{
	int rc = real(f)->pMethods != NULL ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK;

	free(real(f));
	return rc;
}

static int
f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	if (fails(DISK_WRITE_REFUSED))
		return SQLITE_IOERR_WRITE;
	if (fails(DISK_FULL)) {
		/* As a disk does: the first half still finds room. */
		(void)real(f)->pMethods->xWrite(real(f), p, n / 2, at);
		return SQLITE_FULL;
	}
	return real(f)->pMethods->xWrite(real(f), p, n, at);
}

static int
f_sync(sqlite3_file *f, int flags)
{
	atomic_fetch_add(&syncs, 1);
	if (fails(DISK_SYNC_REFUSED))
		return SQLITE_IOERR_FSYNC;
	return atomic_load(&lazy) ? SQLITE_OK : real(f)->pMethods->xSync(real(f), flags);
}

#define R real(f)->pMethods
static int
f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return R->xRead(real(f), p, n, at);
}
static int
f_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	return R->xTruncate(real(f), n);
}
static int
f_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return R->xFileSize(real(f), n);
}
static int
f_lock(sqlite3_file *f, int how)
{
	return R->xLock(real(f), how);
}
static int
f_unlock(sqlite3_file *f, int how)
{
	return R->xUnlock(real(f), how);
}
static int
f_reserved(sqlite3_file *f, int *out)
{
	return R->xCheckReservedLock(real(f), out);
}
static int
f_control(sqlite3_file *f, int op, void *arg)
{
	return R->xFileControl(real(f), op, arg);
}
static int
f_sector(sqlite3_file *f)
{
	return R->xSectorSize(real(f));
}
static int
f_traits(sqlite3_file *f)
{
	return R->xDeviceCharacteristics(real(f));
}
static int
f_shm_map(sqlite3_file *f, int a, int b, int c, void volatile **d)
{
	return R->xShmMap(real(f), a, b, c, d);
}
static int
f_shm_lock(sqlite3_file *f, int a, int b, int c)
{
	return R->xShmLock(real(f), a, b, c);
}
static void
f_shm_barrier(sqlite3_file *f)
{
	R->xShmBarrier(real(f));
}
static int
f_shm_unmap(sqlite3_file *f, int a)
{
	return R->xShmUnmap(real(f), a);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = f_close,
	.xRead = f_read,
	.xWrite = f_write,
	.xTruncate = f_truncate,
	.xSync = f_sync,
	.xFileSize = f_size,
	.xLock = f_lock,
	.xUnlock = f_unlock,
	.xCheckReservedLock = f_reserved,
	.xFileControl = f_control,
	.xSectorSize = f_sector,
	.xDeviceCharacteristics = f_traits,
	.xShmMap = f_shm_map,
	.xShmLock = f_shm_lock,
	.xShmBarrier = f_shm_barrier,
	.xShmUnmap = f_shm_unmap,
};

static int
disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *out, int flags, int *got)
{
	struct file *f = (struct file *)out;
	int rc;

	(void)vfs;
	f->base.pMethods = NULL;
	f->real = calloc(1, (size_t)below->szOsFile);
	if (f->real == NULL)
		return SQLITE_NOMEM;
	rc = below->xOpen(below, name, f->real, flags, got);
	if (rc == SQLITE_OK)
		f->base.pMethods = &methods;
	else
		free(f->real);
	return rc;
}

void
disk_install(void)
{
	if (below != NULL)
		return;
	below = sqlite3_vfs_find(NULL);
	disk = *below;
	disk.zName = "disk";
	disk.szOsFile = sizeof(struct file);
	disk.xOpen = disk_open;
	sqlite3_vfs_register(&disk, 1);
}

void
disk_fail(enum disk_fault kind, long n)
{
	atomic_store(&met, false);
	atomic_store(&once, false);
	atomic_store(&countdown, n);
	atomic_store(&fault, (int)kind);
}

void
disk_fail_once(enum disk_fault kind)
{
	disk_fail(kind, 1);
	atomic_store(&once, true);
}

void
disk_mend(void)
{
	atomic_store(&fault, DISK_FINE);
}
bool
disk_met(void)
{
	return atomic_load(&met);
}
void
disk_lazy(bool on)
{
	atomic_store(&lazy, on);
}
long
disk_syncs(void)
{
	return atomic_load(&syncs);
}
