/* gzip.h - compressing what is in memory.  gzip.c is the only file that knows zlib. */
#ifndef BASE_GZIP_H
#define BASE_GZIP_H

#include "base/buf.h"

/* Puts plain, compressed, into body, which is freed first (plain may stand in
 * it).  false: it would not be shorter, or there is no memory; body is as it was. */
bool gzip_shorten(struct buf *body, struct str plain) MUST_CHECK;

#endif
