/* zstd.c - one frame a block, level 3: faster than the disk and good enough. */
#include "base/zstd.h"

#include <zstd.h>

enum { LEVEL = 3 };

bool
zstd_pack(struct str plain, struct buf *out)
{
	size_t room = ZSTD_compressBound(plain.n), at = out->n, n;
	void *p = buf_grow(out, room);

	if (p == NULL)
		return false;
	n = ZSTD_compress(p, room, plain.p, plain.n, LEVEL);
	if (ZSTD_isError(n)) {
		out->n = at;
		return false;
	}
	out->n = at + n;
	return true;
}

enum err
zstd_unpack(struct str packed, size_t room, struct buf *out)
{
	unsigned long long size = ZSTD_getFrameContentSize(packed.p, packed.n);
	size_t at = out->n, n;
	void *p;

	if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > room)
		return ERR_MALFORMED;
	if ((p = buf_grow(out, (size_t)size)) == NULL)
		return ERR_TOO_LARGE;
	n = ZSTD_decompress(p, (size_t)size, packed.p, packed.n);
	if (!ZSTD_isError(n) && n == size)
		return OK;
	out->n = at;
	return ERR_MALFORMED;
}
