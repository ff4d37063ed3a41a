/* ha_drill.c - plantao ha drill: users at work while a command breaks something. */
#include "cmd/cmd.h"
#include "ops/drill.h"
#include "sys/files.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static bool
number(const char *text, unsigned least, unsigned most, unsigned *out)
{
	int64_t n;

	if (!str_int(str_of(text), &n) || n < least || n > most)
		return false;
	*out = (unsigned)n;
	return true;
}

static bool
option(struct drill_conf *d, int c, const char *value, const char **token_file, const char **json)
{
	switch (c) {
	case 'u': d->url = value; return true;
	case 'a': d->ca = value; return true;
	case 't': *token_file = value; return true;
	case 'p': d->patient = value; return true;
	case 'n': d->scenario = value; return true;
	case 'f': d->fault = value; return true;
	case 'h': d->heal = value; return true;
	case 'j': *json = value; return true;
	case 'U': return number(value, 1, DRILL_USERS_MAX, &d->users);
	case 's': return number(value, 1, 3600, &d->seconds);
	case 'T': return number(value, 1, 600000, &d->think_ms);
	case 'A': return number(value, 0, 3600, &d->after_s);
	case 'H': return number(value, 0, 3600, &d->heal_after_s);
	default: return false;
	}
}

static void
print(const struct drill_conf *c, const struct drill_result *r)
{
	printf("%s: %u users, %lld writes acknowledged, %.2f s without one (from %+.2f s after the fault)\n",
	        c->scenario, c->users, (long long)r->acked, (double)r->gap_ms / 1000,
	        (double)r->gap_at_ms / 1000);
	if (r->fault_late)
		printf("the command ended after the users did: take more --seconds\n");
	printf("lost %lld, duplicated %lld, stale reads %lld, unfinished %lld\n", (long long)r->lost,
	        (long long)r->duplicated, (long long)r->stale, (long long)r->unfinished);
	printf("errors %lld, at most %lld of one user, %u users met one; longest wait %.2f s, half of the "
	       "users at most %.2f s\n",
	        (long long)r->errors, (long long)r->errors_user_max, r->users_with_errors,
	        (double)r->stall_max_ms / 1000, (double)r->stall_p50_ms / 1000);
}

static int
write_json(const struct drill_conf *c, const struct drill_result *r, const char *path)
{
	char why[WHY_SIZE] = "too large";
	struct buf b;
	bool ok;

	buf_init(&b, 1 << 20);
	drill_json(c, r, &b);
	ok = !buf_failed(&b) && file_write(path, b.p, b.n, 0644, why) == OK;
	buf_free(&b);
	if (!ok)
		fprintf(stderr, "plantao ha drill: %s\n", why);
	return ok ? EXIT_DONE : EXIT_FAILED;
}

int
cmd_ha_drill(int argc, char **argv)
{
	static const struct option options[] = { { "url", 1, 0, 'u' }, { "ca", 1, 0, 'a' },
		{ "token-file", 1, 0, 't' }, { "patient", 1, 0, 'p' }, { "name", 1, 0, 'n' },
		{ "fault", 1, 0, 'f' }, { "heal", 1, 0, 'h' }, { "json", 1, 0, 'j' }, { "users", 1, 0, 'U' },
		{ "seconds", 1, 0, 's' }, { "think", 1, 0, 'T' }, { "after", 1, 0, 'A' },
		{ "heal-after", 1, 0, 'H' }, { 0 } };
	struct drill_conf d = { .scenario = "drill",
		.users = 200,
		.seconds = 45,
		.think_ms = 800,
		.after_s = 8,
		.heal_after_s = 22 };
	static struct drill_result r;
	const char *token_file = NULL, *json = NULL;
	char token[300] = "", why[WHY_SIZE] = "";
	size_t n = 0;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!option(&d, c, optarg, &token_file, &json))
			return cmd_usage("ha", "drill: option or value");
	if (d.url == NULL || d.patient == NULL || token_file == NULL || optind < argc)
		return cmd_usage("ha", "drill needs --url, --patient and --token-file");
	if (file_read_into(token_file, token, sizeof token - 1, &n, why) == OK) {
		token[strcspn(token, "\r\n")] = 0;
		d.token = token;
		if (drill_run(&d, &r, why) == OK) {
			print(&d, &r);
			c = json != NULL ? write_json(&d, &r, json) : EXIT_DONE;
			return r.lost || r.duplicated || r.unfinished || r.fault_late || r.fault_exit ||
			                       r.heal_exit
			               ? EXIT_FAILED
			               : c;
		}
	}
	fprintf(stderr, "plantao ha drill: %s\n", why);
	return EXIT_FAILED;
}
