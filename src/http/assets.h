/* assets.h - the web front end inside the binary: files of ui/dist, compressed at build time
 * (tools/embed.py).  Who serves them decides about paths and caching headers. */
#ifndef HTTP_ASSETS_H
#define HTTP_ASSETS_H

#include "base/buf.h"

struct asset {
	const char *path;         /* "/index.html", "/assets/index-B6GbFh4f.js" */
	const char *content_type; /* "text/javascript; charset=utf-8" */
	const char *etag;         /* quoted, of the content */
	const unsigned char *gzip;
	size_t gzip_size, size; /* compressed and as it was */
	bool immutable;         /* its name changes with its content: may be kept for a year */
};

/* NULL when there is no such file. */
const struct asset *asset_find(struct str path);
/* The page answered for every path of the front end; NULL in a build without it (-Dui=false). */
const struct asset *asset_index(void);
/* For clients without gzip: the file as it was, appended.  False when out passed its ceiling. */
bool asset_plain(const struct asset *, struct buf *out);

/* Made by tools/embed.py, in order of path; asset_rows ends with path == NULL. */
extern const struct asset asset_rows[];
extern const size_t asset_count;

#endif
