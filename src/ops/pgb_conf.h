/* pgb_conf.h - pgBackRest's configuration, made from one template for one host and for two. */
#ifndef OPS_PGB_CONF_H
#define OPS_PGB_CONF_H

#include "base/buf.h"
#include "sys/conf.h"

/* Where the repository is; members that are not used are "". */
struct pgb_repo {
	const char *dir;                                             /* a directory, or */
	const char *s3_url, *region, *access_key, *secret, *ca_file; /* a bucket */
};
/* The lines that say so. ERR_INVALID: neither, or an address that is none; why: 200 bytes. */
enum err pgb_repo_lines(const struct pgb_repo *, struct buf *out, char *why) MUST_CHECK;

#endif
