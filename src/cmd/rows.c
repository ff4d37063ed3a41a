/* rows.c - plantao routes, openapi, docs: the program's rows, printed. */
#include "cmd/cmd.h"
#include "cmd/docs.h"
#include "http/audit_write.h"
#include "http/openapi.h"
#include "http/problem.h"
#include "http/router.h"

#include <getopt.h>
#include <stdio.h>

static int
check_rows(void)
{
	const char *bad = router_init();

	if (bad == NULL)
		return EXIT_DONE;
	fprintf(stderr, "plantao: %s\n", bad);
	return EXIT_FAILED;
}

static int
no_arguments(const char *name, int argc)
{
	return argc > 1 ? cmd_usage(name, "takes no arguments") : EXIT_DONE;
}

static int
print(void (*write)(struct buf *))
{
	struct buf buf;
	int exit = EXIT_DONE;

	buf_init(&buf, 32 << 20);
	write(&buf);
	if (buf_failed(&buf) || fwrite(buf.p, 1, buf.n, stdout) != buf.n || fflush(stdout) != 0)
		exit = EXIT_FAILED;
	buf_free(&buf);
	return exit;
}

static void
roles_json(struct buf *b, enum perm perm)
{
	bool first = true;

	buf_text(b, "[");
	for (enum role r = ROLE_UNSET + 1; r < ROLE__MAX; r++)
		if (role_may(r, perm)) {
			buf_printf(b, "%s\"%s\"", first ? "" : ",", role_name(r));
			first = false;
		}
	buf_text(b, "]");
}

static void
errors_json(struct buf *b, const enum err *e)
{
	buf_text(b, "[");
	for (bool first = true; e != NULL && *e != OK; e++, first = false)
		buf_printf(b, "%s\"%s\"", first ? "" : ",", err_name(*e));
	buf_text(b, "]");
}

static void
type_json(struct buf *b, const char *name, const struct type *t)
{
	if (t == NULL)
		buf_printf(b, ",\"%s\":null", name);
	else
		buf_printf(b, ",\"%s\":\"%s\"", name, t->name);
}

static void
route_json(struct buf *b, const struct route *r)
{
	static const char *const rates[RATE__MAX] = { [RATE_NONE] = "",
		[RATE_READ] = "read",
		[RATE_WRITE] = "write",
		[RATE_LOGIN] = "login",
		[RATE_ASK] = "ask" };
	int status = r->status ? r->status : r->out || r->produces ? 200 : 204;

	buf_printf(b,
	        "{\"method\":\"%s\",\"path\":\"%s\",\"permission\":\"%s\",\"roles\":", method_name(r->method),
	        r->path, perm_name(r->perm));
	roles_json(b, r->perm);
	buf_printf(b,
	        ",\"activity\":\"%s\",\"audit\":\"%s\",\"rate\":\"%s\",\"writes\":%s,\"recentSignIn\":%s,"
	        "\"status\":%d,"
	        "\"errors\":",
	        activity_name(route_activity(r)), r->audit == AUDIT_NONE ? "" : audit_event(r->audit),
	        rates[r->rate], route_reads(r) ? "false" : "true",
	        route_signin(r) == SIGNIN_RECENT ? "true" : "false", status);
	errors_json(b, r->errors);
	type_json(b, "query", r->query);
	type_json(b, "in", r->in);
	type_json(b, "out", r->out);
	buf_text(b, "}");
}

static void
routes_json(struct buf *b)
{
	buf_byte(b, '[');
	for (unsigned i = 0; i < route_count(); i++) {
		buf_text(b, i ? ",\n" : "");
		route_json(b, route_at(i));
	}
	buf_text(b, "]\n");
}

static void
routes_text(struct buf *b)
{
	for (unsigned i = 0; i < route_count(); i++) {
		const struct route *r = route_at(i);

		buf_printf(b, "%-6s %-48s %-16s %s\n", method_name(r->method), r->path, perm_name(r->perm),
		        r->audit == AUDIT_NONE ? "-" : audit_event(r->audit));
	}
}

int
cmd_routes(const struct conf *conf, int argc, char **argv)
{
	static const struct option options[] = { { "json", 0, 0, 'j' }, { 0 } };
	bool json = false;
	int c, exit;

	(void)conf;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'j')
			return cmd_usage("routes", "unknown option");
		json = true;
	}
	if ((exit = check_rows()) != EXIT_DONE)
		return exit;
	return print(json ? routes_json : routes_text);
}

int
cmd_openapi(const struct conf *conf, int argc, char **argv)
{
	int exit = no_arguments("openapi", argc);

	(void)conf;
	(void)argv;
	if (exit != EXIT_DONE || (exit = check_rows()) != EXIT_DONE)
		return exit;
	return print(openapi_write);
}

int
cmd_docs(const struct conf *conf, int argc, char **argv)
{
	int exit;

	(void)conf;
	if (argc != 2)
		return cmd_usage("docs", "needs the directory to write to");
	if ((exit = check_rows()) != EXIT_DONE)
		return exit;
	return docs_write(argv[1]) ? EXIT_DONE : EXIT_FAILED;
}
