/* gunzip.h - what was compressed with gzip, in memory. */
#ifndef BASE_GUNZIP_H
#define BASE_GUNZIP_H

#include "base/buf.h"

bool gzip_is(struct str); /* begins as RFC 1952 says */
/* Adds what was packed to out, all members of the file. ERR_MALFORMED: damaged, cut
 * short, or followed by something else; ERR_TOO_LARGE: out's ceiling is met. */
enum err gunzip(struct str packed, struct buf *out) MUST_CHECK;

#endif
