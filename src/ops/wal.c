/* wal.c - follows the log's running checksum, so that a frame that is being written at
 * this moment, or was left by an earlier generation, is never taken for a whole one. */
#include "ops/wal.h"

#include <stdlib.h>
#include <unistd.h>

enum { MAGIC_LITTLE = 0x377f0682, VERSION = 3007000, PAGE_MAX_BYTES = 65536 };

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t
word(const unsigned char *p, bool big_endian)
{
	return big_endian ? be32(p)
	                  : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void
add_sum(uint32_t sum[2], const unsigned char *p, size_t n, bool big_endian)
{
	for (size_t i = 0; i + 8 <= n; i += 8) {
		sum[0] += word(p + i, big_endian) + sum[1];
		sum[1] += word(p + i + 4, big_endian) + sum[0];
	}
}

static bool
header_fine(struct wal *w)
{
	const unsigned char *h = w->header;
	uint32_t sum[2] = { 0, 0 };

	if ((be32(h) & ~1u) != MAGIC_LITTLE || be32(h + 4) != VERSION)
		return false;
	w->big_endian = be32(h) & 1;
	w->page_size = be32(h + 8);
	if (w->page_size < 512 || w->page_size > PAGE_MAX_BYTES || (w->page_size & (w->page_size - 1)) != 0)
		return false;
	w->salt[0] = be32(h + 16);
	w->salt[1] = be32(h + 20);
	add_sum(sum, h, 24, w->big_endian);
	w->sum[0] = sum[0];
	w->sum[1] = sum[1];
	w->offset = WAL_HEADER;
	return sum[0] == be32(h + 24) && sum[1] == be32(h + 28);
}

bool
wal_open(struct wal *w, int fd)
{
	return pread(fd, w->header, WAL_HEADER, 0) == WAL_HEADER && header_fine(w);
}

bool
wal_same(const struct wal *w, int fd)
{
	unsigned char now[WAL_HEADER];

	return pread(fd, now, WAL_HEADER, 0) == WAL_HEADER && memcmp(now, w->header, WAL_HEADER) == 0;
}

/* One frame (header and page): does it continue the generation?  Moves w when it does. */
static bool
frame_fine(struct wal *w, const unsigned char *f, bool *commit)
{
	uint32_t sum[2] = { w->sum[0], w->sum[1] };

	if (be32(f + 8) != w->salt[0] || be32(f + 12) != w->salt[1])
		return false;
	add_sum(sum, f, 8, w->big_endian);
	add_sum(sum, f + WAL_FRAME_HEADER, w->page_size, w->big_endian);
	if (sum[0] != be32(f + 16) || sum[1] != be32(f + 20))
		return false;
	w->sum[0] = sum[0];
	w->sum[1] = sum[1];
	w->offset += WAL_FRAME_HEADER + w->page_size;
	*commit = be32(f + 4) != 0;
	return true;
}

bool
wal_follow(struct wal *w, int fd, uint64_t *end)
{
	size_t n = WAL_FRAME_HEADER + w->page_size;
	unsigned char *frame = malloc(n);
	struct wal at = *w, last = *w;
	bool commit = false;
	ssize_t got = 0;

	if (frame == NULL)
		return false;
	while ((got = pread(fd, frame, n, (off_t)at.offset)) == (ssize_t)n && frame_fine(&at, frame, &commit))
		if (commit)
			last = at;
	free(frame);
	*w = last;
	*end = last.offset;
	return got >= 0;
}

size_t
wal_whole(const unsigned char *bytes, size_t n)
{
	struct wal w = { 0 };
	size_t end = 0, step;
	bool commit;

	if (n < WAL_HEADER)
		return 0;
	memcpy(w.header, bytes, WAL_HEADER);
	if (!header_fine(&w))
		return 0;
	step = WAL_FRAME_HEADER + w.page_size;
	while (w.offset + step <= n && frame_fine(&w, bytes + w.offset, &commit))
		if (commit)
			end = (size_t)w.offset;
	return end;
}
