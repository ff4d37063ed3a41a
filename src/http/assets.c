/* assets.c - finding an embedded file, and undoing its compression for who cannot. */
#include "http/assets.h"

#include <stdlib.h>
#include <zlib.h>

static int
compare(const void *key, const void *row)
{
	const struct str *path = key;
	const struct asset *asset = row;
	size_t n = strlen(asset->path);
	int order = memcmp(path->p, asset->path, path->n < n ? path->n : n);

	if (order != 0)
		return order;
	return (path->n > n) - (path->n < n);
}

const struct asset *
asset_find(struct str path)
{
	if (path.p == NULL)
		return NULL;
	return bsearch(&path, asset_rows, asset_count, sizeof *asset_rows, compare);
}

const struct asset *
asset_index(void)
{
	return asset_find(STR("/index.html"));
}

bool
asset_plain(const struct asset *asset, struct buf *out)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)asset->gzip, .avail_in = (uInt)asset->gzip_size };
	void *room = buf_grow(out, asset->size);
	int err;

	if (room == NULL)
		return false;
	z.next_out = room;
	z.avail_out = (uInt)asset->size;
	err = inflateInit2(&z, 16 + MAX_WBITS);
	assert(err == Z_OK || err == Z_MEM_ERROR);
	if (err != Z_OK)
		return false;
	err = inflate(&z, Z_FINISH);
	assert(err == Z_STREAM_END && z.avail_out == 0); /* made by our own build */
	inflateEnd(&z);
	return true;
}
