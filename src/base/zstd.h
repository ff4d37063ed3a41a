/* zstd.h - compressing blocks for backups.  zstd.c is the only file that knows libzstd. */
#ifndef BASE_ZSTD_H
#define BASE_ZSTD_H

#include "base/buf.h"

/* Appended to out. false: no memory, or out's ceiling is met. */
bool zstd_pack(struct str plain, struct buf *out) MUST_CHECK;
/* ERR_MALFORMED: damaged, or larger than room says; appended to out. */
enum err zstd_unpack(struct str packed, size_t room, struct buf *out) MUST_CHECK;

#endif
