/* docs.c - permissions.md, errors.md, config.md, events.md, metrics.md and audit.md: the
 * rows as tables (`plantao openapi` prints the API's).  They are committed; a test compares. */
#include "cmd/docs.h"
#include "cmd/privacy.h"
#include "base/json.h"
#include "http/audit_write.h"
#include "http/problem.h"
#include "http/router.h"
#include "sys/conf.h"

#include <errno.h>
#include <stdio.h>

#define HEAD(title) "# " title "\n\nMade by `plantao docs` from the program's rows; do not edit.\n\n"

static void
permissions(struct buf *b)
{
	buf_text(b, HEAD("Permissions") "| permission |");
	for (enum role r = ROLE_UNSET + 1; r < ROLE__MAX; r++)
		buf_printf(b, " %s |", role_name(r));
	buf_text(b, "\n|---|");
	for (enum role r = ROLE_UNSET + 1; r < ROLE__MAX; r++)
		buf_text(b, "---|");
	for (enum perm p = PERM_PUBLIC + 1; p < PERM__MAX; p++) {
		buf_printf(b, "\n| %s |", perm_name(p));
		for (enum role r = ROLE_UNSET + 1; r < ROLE__MAX; r++)
			buf_text(b, role_may(r, p) ? " ● |" : "  |");
	}
	buf_text(b, "\n\n## Doors\n\n| method | path | permission | sign-in | audit event | "
	            "what |\n|---|---|---|---|---|---|\n");
	for (unsigned i = 0; i < route_count(); i++) {
		const struct route *r = route_at(i);

		buf_printf(b, "| %s | `%s` | %s | %s | %s | %s |\n", method_name(r->method), r->path,
		        perm_name(r->perm), route_signin(r) == SIGNIN_RECENT ? "recent" : "",
		        r->audit == AUDIT_NONE ? "" : audit_event(r->audit), r->summary);
	}
}

static void
errors(struct buf *b)
{
	buf_text(b, HEAD("Errors") "| code | status | Retry-After | português | English "
	                           "|\n|---|---|---|---|---|\n");
	for (enum err e = OK + 1; e < ERR__MAX; e++)
		buf_printf(b, "| `%s` | %d | %d | %s | %s |\n", err_name(e), err_status(e),
		        err_retry_after_s(e), err_title(e, LANG_PT), err_title(e, LANG_EN));
	buf_text(b,
	        "\n## Refused fields (`errors[].code`)\n\n| code | português | English |\n|---|---|---|\n");
#define INVALID(code, pt, en) buf_text(b, "| `" #code "` | " pt " | " en " |\n");
#include "base/invalid.def"
#undef INVALID
}

static void
config(struct buf *b)
{
	buf_text(b, HEAD("Configuration") "A file of `key = value` lines, overridden by `PLANTAO_<KEY>`; a "
	                                  "secret also as "
	                                  "`PLANTAO_<KEY>_FILE`.\n\n"
	                                  "| key | kind | default | least | most | what | o quê "
	                                  "|\n|---|---|---|---|---|---|---|\n");
#define CONF(key, type, value, min, max, flags, en, pt)                                                      \
	buf_printf(b, "| `" #key "` | " #type " | `%s` | %lld | %lld | " en " | " pt " |\n", value,          \
	        (long long)(min), (long long)(max));
#include "sys/conf.def"
#undef CONF
}

static void
events(struct buf *b)
{
	buf_text(b, HEAD("Log events") "| event | level | meaning |\n|---|---|---|\n");
#define EVENT(name, level, meaning) buf_text(b, "| `" #name "` | " #level " | " meaning " |\n");
#include "sys/events.def"
#undef EVENT
}

#define LABEL_OR(label) ((label) ? (label) : "")
static void
metrics(struct buf *b)
{
	buf_text(b, HEAD("Metrics") "| metric | kind | label | meaning |\n|---|---|---|---|\n");
#define METRIC(id, name, kind, label, help)                                                                  \
	buf_printf(b, "| `" name "` | " #kind " | %s | " help " |\n", LABEL_OR((const char *)(label)));
#include "sys/metrics.def"
#undef METRIC
}

static void
audit(struct buf *b)
{
	buf_text(b, HEAD("Audit events") "| event | português | English |\n|---|---|---|\n");
	for (enum audit a = AUDIT_NONE + 1; a < AUDIT__MAX; a++)
		buf_printf(
		        b, "| `%s` | %s | %s |\n", audit_event(a), audit_text(a, false), audit_text(a, true));
}

static bool
write_one(const char *dir, const char *name, void (*write)(struct buf *))
{
	char path[4096];
	struct buf buf;
	FILE *f;
	bool fine;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	buf_init(&buf, 32 << 20);
	write(&buf);
	f = fopen(path, "w");
	fine = f != NULL && !buf_failed(&buf) && fwrite(buf.p, 1, buf.n, f) == buf.n;
	if (f != NULL)
		fine = fclose(f) == 0 && fine;
	if (!fine)
		fprintf(stderr, "plantao docs: %s: %s\n", path, strerror(errno));
	buf_free(&buf);
	return fine;
}

bool
docs_write(const char *dir)
{
	static const struct {
		const char *name;
		void (*write)(struct buf *);
	} all[] = { { "permissions.md", permissions }, { "errors.md", errors }, { "config.md", config },
		{ "events.md", events }, { "metrics.md", metrics }, { "audit.md", audit },
		{ "data-dictionary.md", privacy_dictionary } };
	bool fine = true;

	for (size_t i = 0; i < COUNT(all); i++)
		fine = write_one(dir, all[i].name, all[i].write) && fine;
	return fine;
}
