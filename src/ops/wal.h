/* wal.h - reading SQLite's write-ahead log from outside: which frames are whole and
 * committed (file format: sqlite.org/fileformat2.html, "The Write-Ahead Log").  Frames
 * are copied, never understood: SQLite itself takes them in again at a restore. */
#ifndef OPS_WAL_H
#define OPS_WAL_H

#include "base/base.h"

enum { WAL_HEADER = 32, WAL_FRAME_HEADER = 24 };

/* Where a reader stands in one generation of the log (its two salts). */
struct wal {
	unsigned char header[WAL_HEADER];
	uint32_t page_size, salt[2], sum[2];
	bool big_endian;
	uint64_t offset; /* behind the last frame whose checksum was followed */
};

/* Reads the header; false when the file is empty, absent or not a log. */
bool wal_open(struct wal *, int fd) MUST_CHECK;
/* Does the file still hold this generation? */
bool wal_same(const struct wal *, int fd) MUST_CHECK;
/* Follows frames from w->offset; end: behind the last committed one (w->offset when there
 * is none); w moves there. false: the file cannot be read. */
bool wal_follow(struct wal *w, int fd, uint64_t *end) MUST_CHECK;
/* The same over bytes in memory (header first), for restores: how many bytes are whole and committed. */
size_t wal_whole(const unsigned char *bytes, size_t n);

#endif
