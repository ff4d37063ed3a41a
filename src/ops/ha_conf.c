/* ha_conf.c - the cluster's one file: key = value, rows of ha_conf.def. */
#include "ops/ha.h"
#include "sys/files.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

enum { FILE_MAX = 64 << 10 };

/* ---- what a value must be: NULL, or what is allowed */

static const char *
check_word(const char *v)
{
	return v[0] && strspn(v, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
	                               strlen(v)
	               ? NULL
	               : "letters, digits, - and _";
}

static const char *
check_name(const char *v)
{
	return strspn(v, "abcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(v) ? NULL : "a host name";
}

static const char *
check_address(const char *v)
{
	struct in_addr a;

	return inet_pton(AF_INET, v, &a) == 1 ? NULL : "an IPv4 address";
}

static bool
number(const char *v, int64_t least, int64_t most)
{
	int64_t n;

	return str_int(str_of(v), &n) && n >= least && n <= most;
}

static const char *
check_port(const char *v)
{
	return number(v, 1, 65535) ? NULL : "a port from 1 to 65535";
}

static const char *
check_seconds(const char *v)
{
	return number(v, 1, 300) ? NULL : "whole seconds from 1 to 300";
}

static const char *
check_count(const char *v)
{
	return number(v, 20, 10000) ? NULL : "a number from 20 to 10000";
}

static const char *
check_watchdog(const char *v)
{
	return strcmp(v, "automatic") == 0 || strcmp(v, "off") == 0 || strcmp(v, "required") == 0
	               ? NULL
	               : "automatic, required or off";
}

/* No blank, quote or sign that a template's language could take for its own. */
static const char *
check_path(const char *v)
{
	if (v[0] != '/')
		return "an absolute path";
	return strpbrk(v, " \t\"'\\@#$&;{}[]") == NULL ? NULL : "a path without blanks and signs";
}

static const char *
check_maybe_path(const char *v)
{
	return v[0] ? check_path(v) : NULL;
}

static const char *
check_maybe_word(const char *v)
{
	return v[0] ? check_word(v) : NULL;
}

static const char *
check_maybe_url(const char *v)
{
	if (v[0] == 0)
		return NULL;
	return strncmp(v, "https://", 8) == 0 && strpbrk(v, " \t\"'\\@#$&;{}[]") == NULL
	               ? NULL
	               : "https://HOST[:PORT]/BUCKET[/PREFIX]";
}

static const char *
check_dcs(const char *v)
{
	return ha_dcs_refused(v);
}

const char *
ha_dcs_refused(const char *dcs)
{
	if (strcmp(dcs, "etcd") == 0)
		return NULL;
	if (strcmp(dcs, "etcd3") == 0)
		return "etcd, not etcd3: Patroni 3.0 writes the leader's key over the v3 API without "
		       "comparing its old "
		       "value, and after a healed partition a stale primary takes it: two primaries on one "
		       "timeline, "
		       "acknowledged writes lost (Patroni change 2689 mends it)";
	return "etcd";
}

static const struct key {
	const char *name, *fallback;
	const char *(*check)(const char *);
	const char *what;
} keys[] = {
#define HA_KEY(name, fallback, check, what) { #name, fallback, check_##check, what },
#include "ops/ha_conf.def"
#undef HA_KEY
};

/* ---- reading */

static enum err
take_line(const char *path, int number_, struct str line, struct ha_conf *out, bool seen[static HA_KEY__MAX],
        char *why)
{
	const char *equal = memchr(line.p, '=', line.n);
	struct str name, value;

	if (equal == NULL) {
		snprintf(why, HA_WHY, "%s:%d: \"key = value\" is expected", path, number_);
		return ERR_INVALID;
	}
	name = str_trim((struct str){ line.p, (size_t)(equal - line.p) });
	value = str_trim((struct str){ equal + 1, line.n - (size_t)(equal + 1 - line.p) });
	for (size_t i = 0; i < COUNT(keys); i++) {
		if (!str_is(name, keys[i].name))
			continue;
		if (seen[i] || value.n >= HA_VALUE) {
			snprintf(why, HA_WHY, "%s:%d: %s %s", path, number_, keys[i].name,
			        seen[i] ? "stands there twice" : "is too long");
			return ERR_INVALID;
		}
		seen[i] = true;
		snprintf(out->values[i], HA_VALUE, "%.*s", STR_FMT(value));
		return OK;
	}
	snprintf(why, HA_WHY, "%s:%d: there is no key \"%.*s\"", path, number_,
	        (int)(name.n > 40 ? 40 : name.n), name.p);
	return ERR_INVALID;
}

static enum err
take_lines(const char *path, struct str text, struct ha_conf *out, bool seen[static HA_KEY__MAX], char *why)
{
	int number_ = 0;

	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;
		const char *hash = memchr(text.p, '#', n);
		struct str line = str_trim((struct str){ text.p, hash ? (size_t)(hash - text.p) : n });

		number_++;
		if (line.n > 0)
			TRY(take_line(path, number_, line, out, seen, why));
		n += end != NULL;
		text = (struct str){ text.p + n, text.n - n };
	}
	return OK;
}

static enum err
check_each(const char *path, const struct ha_conf *c, const bool seen[static HA_KEY__MAX], char *why)
{
	for (size_t i = 0; i < COUNT(keys); i++) {
		const char *allowed = keys[i].check(c->values[i]);

		if (allowed == NULL && !(keys[i].fallback == NULL && !seen[i]))
			continue;
		if (!seen[i])
			snprintf(why, HA_WHY, "%s: %s is missing: %s", path, keys[i].name, keys[i].what);
		else
			snprintf(why, HA_WHY, "%s: %s = %.60s: must be %s", path, keys[i].name, c->values[i],
			        allowed);
		return ERR_INVALID;
	}
	return OK;
}

static int64_t
value_int(const struct ha_conf *c, enum ha_key key)
{
	int64_t n = 0;

	return str_int(str_of(c->values[key]), &n) ? n : 0;
}

static enum err
check_together(const char *path, const struct ha_conf *c, char *why)
{
	const char *one = c->values[HA_KEY_node1], *two = c->values[HA_KEY_node2],
	           *three = c->values[HA_KEY_witness];

	if (strcmp(one, two) == 0 || strcmp(one, three) == 0 || strcmp(two, three) == 0) {
		snprintf(why, HA_WHY,
		        "%s: node1, node2 and witness must be three hosts: with two in one place its "
		        "loss takes the majority with it",
		        path);
		return ERR_INVALID;
	}
	if (c->values[HA_KEY_backup_dir][0] && c->values[HA_KEY_backup_s3_url][0]) {
		snprintf(why, HA_WHY, "%s: backup_dir or backup_s3_url, not both", path);
		return ERR_INVALID;
	}
	/* A primary must have given up before its lease ends. */
	if (value_int(c, HA_KEY_loop_wait) + 2 * value_int(c, HA_KEY_retry_timeout) >
	        value_int(c, HA_KEY_ttl)) {
		snprintf(why, HA_WHY, "%s: loop_wait + 2 * retry_timeout must not exceed ttl", path);
		return ERR_INVALID;
	}
	return OK;
}

enum err
ha_conf_read(const char *path, struct ha_conf *out, char *why)
{
	bool seen[HA_KEY__MAX] = { false };
	struct ha_conf c = { 0 };
	struct buf text;
	enum err err;

	for (size_t i = 0; i < COUNT(keys); i++)
		snprintf(c.values[i], HA_VALUE, "%s", keys[i].fallback ? keys[i].fallback : "");
	buf_init(&text, FILE_MAX);
	err = file_read(path, FILE_MAX, &text, why);
	if (err == OK)
		err = take_lines(path, buf_view(&text), &c, seen, why);
	buf_free(&text);
	if (err == OK)
		err = check_each(path, &c, seen, why);
	if (err == OK)
		err = check_together(path, &c, why);
	if (err == OK)
		*out = c;
	return err;
}

bool
ha_has_backup(const struct ha_conf *c)
{
	return c->values[HA_KEY_backup_dir][0] || c->values[HA_KEY_backup_s3_url][0];
}

bool
ha_is_for(const struct ha_conf *c, enum ha_hosts hosts, enum ha_host host)
{
	return (hosts & 1u << host) && (!(hosts & HA_IF_BACKUP) || ha_has_backup(c));
}

void
ha_conf_describe(struct buf *b)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		buf_printf(b, "  %-16s %-28s %s\n", keys[i].name,
		        keys[i].fallback == NULL ? "(must be given)" : keys[i].fallback, keys[i].what);
}

/* ---- hosts */

static const char *const host_names[HA_HOSTS] = { "node1", "node2", "witness" };

const char *
ha_host_name(enum ha_host h)
{
	return host_names[h];
}

bool
ha_host_parse(const char *name, enum ha_host *out)
{
	for (int h = 0; h < HA_HOSTS; h++)
		if (strcmp(name, host_names[h]) == 0) {
			*out = (enum ha_host)h;
			return true;
		}
	return false;
}

const char *
ha_address(const struct ha_conf *c, enum ha_host h)
{
	static const enum ha_key at[HA_HOSTS] = { HA_KEY_node1, HA_KEY_node2, HA_KEY_witness };

	return c->values[at[h]];
}

void
ha_path(const struct ha_conf *c, enum ha_key key, enum ha_host h, char out[static HA_VALUE])
{
	const char *v = c->values[key], *mark = strstr(v, "%h");

	if (mark == NULL)
		snprintf(out, HA_VALUE, "%s", v);
	else
		snprintf(out, HA_VALUE, "%.*s%s%s", (int)(mark - v), v, ha_host_name(h), mark + 2);
}

void
ha_say(const struct ha_say *say, const char *fmt, ...)
{
	char line[1000];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	say->said(say->arg, line);
}
