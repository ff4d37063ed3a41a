/* conf.c - a key = value file, then the environment, each value checked by its
 * row of conf.def.  A wrong value stops the program: a server that runs with a
 * default in place of what somebody wrote is found out in the wrong night.
 * Does not reload: what changes without a restart lives in the database. */
#include "sys/conf.h"

#include "sys/conf_check.h"
#include "sys/files.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CONF_WHY = 300, CONF_FILE_MAX = 262144, SECRET_MAX = 65536, KEY_MAX = 64 };
enum flags { SECRET = 1 };
enum value_type { TEXT, PATH, INT, BOOL };

static const struct row {
	const char *name, *fallback;
	size_t offset;
	int64_t min, max;
	enum value_type type;
	unsigned flags;
} rows[] = {
#define CONF(key, type, fallback, min, max, flags, ...)                                                      \
	{ #key, fallback, offsetof(struct conf, key), min, max, type, flags },
#include "sys/conf.def"
};

static const struct check {
	enum conf_key key;
	conf_check_fn *fn;
	const char *allowed;
} checks[] = {
#define CONF_CHECK(key, check, allowed) { CONF_##key, conf_check_##check, allowed },
#include "sys/conf.def"
};

/* Where a value stands, for the error line. */
struct source {
	const char *file; /* NULL: the environment */
	int line;
	enum conf_origin origin;
	char *why;
};

/* Values live for ever; the chain keeps them findable. */
static struct kept {
	struct kept *next;
	char text[];
} * kept;

static const char *
keep(const char *p, size_t n)
{
	struct kept *k = malloc(sizeof *k + n + 1);

	if (k == NULL) {
		fputs("plantao: no memory for the configuration\n", stderr);
		abort();
	}
	memcpy(k->text, p, n);
	k->text[n] = 0;
	k->next = kept;
	kept = k;
	return k->text;
}

/* ---- the error line */

/* "plantao.conf:12: session_hours" or "PLANTAO_SESSION_HOURS", on one line whatever
 * the name of a variable holds. */
static int
print_place(const struct source *s, const char *key)
{
	int n = s->file ? snprintf(s->why, CONF_WHY, "%.100s:%d: %.64s", s->file, s->line, key)
	                : snprintf(s->why, CONF_WHY, "%.80s", key);

	for (int i = 0; i < n; i++)
		if ((unsigned char)s->why[i] < ' ' || s->why[i] == 0x7f)
			s->why[i] = '?';
	return n;
}

/* The place and what is wrong there, cut off where why ends. Returns false. */
static bool PRINTF(3, 4) refuse_at(const struct source *s, const char *key, const char *fmt, ...)
{
	int n = print_place(s, key);
	va_list args;

	va_start(args, fmt);
	vsnprintf(s->why + n, (size_t)(CONF_WHY - n), fmt, args);
	va_end(args);
	return false;
}

static bool
refuse_value(
        const struct source *s, const char *key, const struct row *r, struct str value, const char *allowed)
{
	char shown[48];
	size_t at = 0;

	for (; at < value.n && at < sizeof shown - 1; at++) /* one line, whatever was written */
		shown[at] = value.p[at] < ' ' || value.p[at] > '~' ? '?' : value.p[at];
	shown[at] = 0;
	if (r->flags & SECRET)
		snprintf(shown, sizeof shown, "(secret)");
	return refuse_at(s, key, " = %s%s: must be %.100s", shown,
	        at < value.n && !(r->flags & SECRET) ? "..." : "", allowed);
}

static bool
refuse_line(const struct source *s, const char *problem)
{
	snprintf(s->why, CONF_WHY, "%.150s:%d: %s", s->file, s->line, problem);
	return false;
}

/* ---- a value by its row */

static bool
clean_text(struct str v)
{
	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < ' ' || v.p[i] == 0x7f)
			return false;
	return v.n == 0 || utf8_valid(v.p, v.n);
}

static bool
set_text(struct conf *c, const struct row *r, struct str v, char *allowed)
{
	snprintf(allowed, CONF_WHY, "text of UTF-8 without control characters");
	if (!clean_text(v))
		return false;
	const char *text = keep(v.p ? v.p : "", v.n);
	for (size_t i = 0; i < COUNT(checks); i++)
		if (&rows[checks[i].key] == r && !checks[i].fn(text)) {
			snprintf(allowed, CONF_WHY, "%s", checks[i].allowed);
			return false;
		}
	*(const char **)((char *)c + r->offset) = text;
	return true;
}

static bool
set_int(struct conf *c, const struct row *r, struct str v, char *allowed)
{
	int64_t n;

	snprintf(allowed, CONF_WHY, "a whole number from %lld to %lld", (long long)r->min, (long long)r->max);
	if (!str_int(v, &n) || n < r->min || n > r->max)
		return false;
	*(int64_t *)((char *)c + r->offset) = n;
	return true;
}

static bool
set_bool(struct conf *c, const struct row *r, struct str v, char *allowed)
{
	snprintf(allowed, CONF_WHY, "true or false");
	if (!str_is(v, "true") && !str_is(v, "false"))
		return false;
	*(bool *)((char *)c + r->offset) = str_is(v, "true");
	return true;
}

static bool
set(struct conf *c, const struct source *s, const char *key, const struct row *r, struct str v)
{
	char allowed[CONF_WHY];
	bool ok = r->type == INT    ? set_int(c, r, v, allowed)
	          : r->type == BOOL ? set_bool(c, r, v, allowed)
	                            : set_text(c, r, v, allowed);

	if (!ok)
		return refuse_value(s, key, r, v, allowed);
	c->origin[r - rows] = (unsigned char)s->origin;
	return true;
}

/* The file that holds a secret: its bytes but for one line end. */
static bool
set_from_file(struct conf *c, const struct source *s, const char *key, const struct row *r, const char *path)
{
	struct buf b;
	char why[WHY_SIZE];

	buf_init(&b, SECRET_MAX);
	bool ok = file_read(path, SECRET_MAX - 1, &b, why) == OK;
	if (ok) {
		struct str v = buf_view(&b);
		v.n -= v.n > 0 && v.p[v.n - 1] == '\n';
		v.n -= v.n > 0 && v.p[v.n - 1] == '\r';
		ok = set(c, s, key, r, v);
	} else
		refuse_at(s, key, ": %s", why);
	if (b.p)
		explicit_bzero(b.p, b.n);
	buf_free(&b);
	return ok;
}

/* ---- keys */

static const struct row *
row_of(const char *name)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* database_url_file: the row database_url, when that is a secret. */
static const struct row *
row_of_file(const char *name)
{
	char key[KEY_MAX];
	size_t n = strlen(name);

	if (n <= 5 || n - 5 >= sizeof key || strcmp(name + n - 5, "_file") != 0)
		return NULL;
	memcpy(key, name, n - 5);
	key[n - 5] = 0;
	const struct row *r = row_of(key);
	return r && r->flags & SECRET ? r : NULL;
}

static bool
refuse_key(const struct source *s, const char *key, const char *lower)
{
	const char *near = NULL;
	size_t least = 4, steps; /* more than three apart is no slip of the finger */

	for (size_t i = 0; i < COUNT(rows); i++)
		if ((steps = conf_edit_distance(lower, rows[i].name)) < least) {
			least = steps;
			near = rows[i].name;
		}
	return refuse_at(s, key, ": unknown key%s%s%s; \"plantao conf\" lists the keys",
	        near ? ", did you mean " : "", near ? near : "", near ? "?" : "");
}

/* key: as written, for messages; lower: as in conf.def. */
static bool
take(struct conf *c, struct source *s, bool *seen, const char *key, const char *lower, struct str v)
{
	const struct row *direct = row_of(lower), *r = direct ? direct : row_of_file(lower);

	if (r == NULL)
		return refuse_key(s, key, lower);
	if (seen[r - rows])
		return refuse_at(s, key, ": given twice; give it once, or as a file");
	seen[r - rows] = true;
	if (direct)
		return set(c, s, key, r, v);
	return set_from_file(c, s, key, r, keep(v.p, v.n));
}

/* ---- the two sources */

static bool
take_line(struct conf *c, struct source *s, bool *seen, struct str line)
{
	char key[KEY_MAX];
	const char *equals;

	line = str_trim(line);
	if (line.n == 0 || line.p[0] == '#')
		return true;
	equals = memchr(line.p, '=', line.n);
	struct str name = str_trim((struct str){ line.p, equals ? (size_t)(equals - line.p) : 0 });
	if (name.n == 0 || name.n >= sizeof key || !clean_text(name))
		return refuse_line(s, "a line must be \"key = value\", or a comment after #");
	memcpy(key, name.p, name.n);
	key[name.n] = 0;
	return take(c, s, seen, key, key,
	        str_trim((struct str){ equals + 1, (size_t)(line.p + line.n - equals - 1) }));
}

static bool
take_file(struct conf *c, const char *file, char *why)
{
	struct source s = { .file = file, .origin = CONF_FROM_FILE, .why = why };
	bool seen[COUNT(rows)] = { false }, ok;
	char problem[WHY_SIZE];
	struct buf b;

	buf_init(&b, CONF_FILE_MAX);
	ok = file_read(file, CONF_FILE_MAX, &b, problem) == OK;
	if (!ok)
		snprintf(why, CONF_WHY, "%s", problem);
	for (size_t at = 0; ok && at < b.n;) {
		const char *p = b.p + at, *end = memchr(p, '\n', b.n - at);
		size_t n = end ? (size_t)(end - p) : b.n - at;
		s.line++;
		ok = take_line(c, &s, seen, (struct str){ p, n });
		at += n + 1;
	}
	buf_free(&b);
	return ok;
}

/* Kubernetes describes every service to every container in variables named
 * after the service; one called "plantao" must not stop the program. */
static bool
of_kubernetes(const char *name)
{
	if (getenv("KUBERNETES_SERVICE_HOST") == NULL)
		return false;
	return strncmp(name, "PLANTAO_SERVICE_", 16) == 0 || strcmp(name, "PLANTAO_PORT") == 0 ||
	       strncmp(name, "PLANTAO_PORT_", 13) == 0;
}

static bool
take_env(struct conf *c, char *why)
{
	struct source s = { .origin = CONF_FROM_ENV, .why = why };
	bool seen[COUNT(rows)] = { false };

	for (char **e = environ; e && *e; e++) {
		const char *equals = strchr(*e, '=');
		char name[KEY_MAX + 16], lower[KEY_MAX + 16];
		size_t n = equals ? (size_t)(equals - *e) : 0;

		if (strncmp(*e, "PLANTAO_", 8) != 0 || equals == NULL)
			continue;
		n = n < sizeof name ? n : sizeof name - 1;
		memcpy(name, *e, n);
		name[n] = 0;
		if (strcmp(name, "PLANTAO_SOURCE") == 0 || strncmp(name, "PLANTAO_TEST_", 13) == 0 ||
		        of_kubernetes(name))
			continue;
		for (size_t i = 8; i <= n; i++)
			lower[i - 8] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
		if (!take(c, &s, seen, name, lower, str_of(equals + 1)))
			return false;
	}
	return true;
}

static bool
set_defaults(struct conf *c, char *why)
{
	struct source s = { .file = "conf.def", .origin = CONF_FROM_DEFAULT, .why = why };

	for (size_t i = 0; i < COUNT(rows); i++, s.line++)
		if (!set(c, &s, rows[i].name, &rows[i], str_of(rows[i].fallback)))
			return false;
	return true;
}

static bool
check_together(const struct conf *c, char *why)
{
	if ((*c->tls_cert_file != 0) == (*c->tls_key_file != 0))
		return true;
	snprintf(why, CONF_WHY, "tls_cert_file = %.60s, tls_key_file = %.60s: must be both set or both empty",
	        c->tls_cert_file, c->tls_key_file);
	return false;
}

bool
conf_load(const char *file, struct conf *out, char *why)
{
	struct conf c = { 0 };

	c.file = file ? keep(file, strlen(file)) : NULL;
	if (!set_defaults(&c, why) || (file && !take_file(&c, c.file, why)) || !take_env(&c, why) ||
	        !check_together(&c, why))
		return false;
	*out = c;
	return true;
}

const char *
conf_path(const struct conf *c, const char *name)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/%s", c->data_dir, name);

	return keep(path, n < (int)sizeof path ? (size_t)n : sizeof path - 1);
}
