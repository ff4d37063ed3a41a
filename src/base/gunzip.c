/* gunzip.c - unpacking gzip by pieces, so that a small file that unpacks to a
 * huge one stops at the ceiling and not at the end of memory. */
#include "base/gunzip.h"

#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16, PIECE = 64 * 1024 };

bool
gzip_is(struct str s)
{
	return s.n >= 2 && (unsigned char)s.p[0] == 0x1f && (unsigned char)s.p[1] == 0x8b;
}

/* One piece of output; *ended at the end of a member. */
static enum err
unpack_piece(z_stream *z, struct buf *out, bool *ended)
{
	unsigned char piece[PIECE];
	z->next_out = piece;
	z->avail_out = PIECE;
	int said = inflate(z, Z_NO_FLUSH);
	buf_add(out, piece, PIECE - z->avail_out);
	if (buf_failed(out) || said == Z_MEM_ERROR)
		return ERR_TOO_LARGE;
	*ended = said == Z_STREAM_END;
	return *ended || said == Z_OK ? OK : ERR_MALFORMED;
}

static enum err
unpack(z_stream *z, struct buf *out)
{
	bool ended = false;
	while (!ended || z->avail_in > 0) {
		if (ended && inflateReset(z) != Z_OK)
			return ERR_MALFORMED;
		TRY(unpack_piece(z, out, &ended));
	}
	return OK;
}

enum err
gunzip(struct str packed, struct buf *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)packed.p, .avail_in = (uInt)packed.n };
	if (packed.n > UINT32_MAX)
		return ERR_TOO_LARGE;
	if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
		return ERR_TOO_LARGE;
	enum err e = unpack(&z, out);
	inflateEnd(&z);
	return e;
}
