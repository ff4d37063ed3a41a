/* assets.c - finding an embedded file, and undoing its compression for who cannot. */
#include "http/assets.h"
#include "base/gunzip.h"

#include <stdlib.h>

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
	enum err err = gunzip((struct str){ (const char *)asset->gzip, asset->gzip_size }, out);

	assert(err != ERR_MALFORMED); /* made by our own build */
	return err == OK;
}
