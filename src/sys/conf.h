/* conf.h - the configuration: rows of conf.def, read from a key = value file
 * and overridden by PLANTAO_<KEY> (and PLANTAO_<KEY>_FILE for secrets). */
#ifndef SYS_CONF_H
#define SYS_CONF_H

#include "base/base.h"

typedef const char *conf_TEXT, *conf_PATH;
typedef int64_t conf_INT;
typedef bool conf_BOOL;

enum conf_key {
#define CONF(key, ...) CONF_##key,
#include "sys/conf.def"
	CONF__MAX
};
enum conf_origin { CONF_FROM_DEFAULT = 0, CONF_FROM_FILE, CONF_FROM_ENV };

struct conf {
#define CONF(key, type, ...) conf_##type key;
#include "sys/conf.def"
	const char *file;                /* what was read, or NULL */
	unsigned char origin[CONF__MAX]; /* enum conf_origin of each key */
};

/* file may be NULL: defaults and environment alone.  On failure why (300 bytes)
 * is one line naming file, key, value and what is allowed; a secret's value is
 * never in it.  Of the environment, PLANTAO_SOURCE and PLANTAO_TEST_* belong to
 * tests; any other PLANTAO_* must be a key.  The conf lives for ever. */
bool conf_load(const char *file, struct conf *, char *why) MUST_CHECK;
/* On stdout: key = value lines with where each came from; secrets as "(set)".
 * json: {"file", "keys": {key: {"value", "origin": default|file|environment}}}. */
void conf_print(const struct conf *, bool json);
/* data_dir/name, allocated for ever. */
const char *conf_path(const struct conf *, const char *name);

#endif
