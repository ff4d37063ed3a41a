/* pgb.c - pgBackRest called: what it keeps, one more, and those whose time is over. */
#include "ops/pgb.h"
#include "base/json.h"
#include "sys/run.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_MAX = 16 << 20, ARENA_CEILING = 64 << 20, ARGS_MAX = 16 };

static const char *const kind_names[PGB__MAX] = { "", "full", "diff", "incr" };

const char *
pgb_kind_name(enum pgb_kind kind)
{
	return kind_names[kind];
}

bool
pgb_kind_parse(const char *name, enum pgb_kind *out)
{
	for (int k = PGB_FULL; k < PGB__MAX; k++)
		if (strcmp(name, kind_names[k]) == 0) {
			*out = (enum pgb_kind)k;
			return true;
		}
	return false;
}

bool
pgb_is_used(const struct conf *conf)
{
	return strncmp(conf->database_url, "postgres", 8) == 0;
}

/* ---- accounts */

void
pgb_be_root(const struct conf *conf)
{
	(void)conf;
	if (getuid() == 0 && seteuid(0) != 0)
		abort(); /* root may always */
}

/* The server's account is who owns data_dir: what is signed is its, also when root asks for it. */
void
pgb_be_server(const struct conf *conf)
{
	const struct passwd *pw;
	struct stat st;

	if (getuid() != 0 || stat(conf->data_dir, &st) != 0)
		return;
	if (seteuid(st.st_uid) != 0)
		abort();
	/* libpq looks for certificates at home, and root's is closed to it now. */
	if ((pw = getpwuid(st.st_uid)) != NULL)
		setenv("HOME", pw->pw_dir, 1);
}

/* The last line that complains, without pgBackRest's own decoration. */
static void
complaint(struct str words, char *why)
{
	struct str last = { 0 };

	while (words.n > 0) {
		const char *end = memchr(words.p, '\n', words.n);
		size_t n = end ? (size_t)(end - words.p) : words.n;
		bool complains = memmem(words.p, n, "ERROR", 5) != NULL ||
		                 memmem(words.p, n, "FATAL", 5) != NULL;

		if (complains || (last.p == NULL && n > 0))
			last = (struct str){ words.p, n };
		n += end != NULL;
		words = (struct str){ words.p + n, words.n - n };
	}
	last = str_trim(last);
	snprintf(why, 200, "%.*s", (int)(last.n > 190 ? 190 : last.n), last.p ? last.p : "it said nothing");
}

enum err
pgb_call(const struct conf *conf, const char *const argv[], int timeout_ms, struct buf *out, char *why)
{
	struct buf own;
	int exit;

	buf_init(&own, OUTPUT_MAX);
	exit = run_program_as(conf->backup_pg_user, argv, timeout_ms, out ? out : &own);
	if (exit == RUN_NOT_STARTED || exit == 126 || exit == 127)
		snprintf(why, 200, "%.60s cannot be started as %.40s: %s", argv[0], conf->backup_pg_user,
		        run_exists(argv[0]) ? "only root or that account may"
		                            : "it is not installed (Debian: pgbackrest)");
	else if (exit == RUN_TOO_LONG)
		snprintf(why, 200, "%.60s did not end in %d s", argv[0], timeout_ms / 1000);
	else if (exit != 0)
		complaint(buf_view(out ? out : &own), why);
	buf_free(&own);
	return exit == 0 ? OK : ERR_STORE_UNAVAILABLE;
}

/* words: what pgBackRest is asked, ends with NULL. */
static enum err
ask(const struct conf *conf, const char *const words[], int timeout_ms, struct buf *out, char *why)
{
	const char *argv[ARGS_MAX + 4] = { "pgbackrest" };
	char file[PATH_MAX];
	unsigned n = 1;

	if (snprintf(file, sizeof file, "--config=%s", conf->backup_pgbackrest_file) >= (int)sizeof file) {
		snprintf(why, 200, "backup_pgbackrest_file is too long");
		return ERR_INVALID;
	}
	argv[n++] = file;
	argv[n++] = "--stanza=" PGB_STANZA;
	while (*words != NULL && n < ARGS_MAX + 3)
		argv[n++] = *words++;
	return pgb_call(conf, argv, timeout_ms, out, why);
}

/* ---- list */

static int64_t
number(const struct json_node *n)
{
	double d = 0;

	return node_number(n, &d) ? (int64_t)d : 0;
}

static void
take_text(char *out, size_t room, const struct json_node *n)
{
	struct str s = node_text(n);

	snprintf(out, room, "%.*s", STR_FMT(s));
}

static bool
take_set(const struct json_node *n, struct pgb_set *out)
{
	const struct json_node *times = node_member(n, "timestamp"), *info = node_member(n, "info");
	const struct json_node *repo = node_member(info, "repository");
	char kind[8];

	*out = (struct pgb_set){ .at_ms = number(node_member(times, "start")) * 1000,
		.done_ms = number(node_member(times, "stop")) * 1000,
		.bytes = number(node_member(info, "size")),
		.own_bytes = number(node_member(repo, "delta")),
		.broken = node_kind(node_member(n, "error")) == NODE_BOOL &&
		          node_true(node_member(n, "error")) };
	take_text(out->label, sizeof out->label, node_member(n, "label"));
	take_text(out->prior, sizeof out->prior, node_member(n, "prior"));
	take_text(kind, sizeof kind, node_member(n, "type"));
	return out->label[0] != 0 && pgb_kind_parse(kind, &out->kind);
}

static int
newest_first(const void *a, const void *b)
{
	const struct pgb_set *x = a, *y = b;

	return (y->at_ms > x->at_ms) - (y->at_ms < x->at_ms);
}

static void
take_sets(const struct json_node *root, struct pgb_set *out, size_t *count)
{
	const struct json_node *sets = node_member(node_item(root, 0), "backup");

	for (size_t i = 0; i < node_count(sets) && *count < PGB_SETS_MAX; i++)
		*count += take_set(node_item(sets, i), &out[*count]);
	qsort(out, *count, sizeof *out, newest_first);
}

/* A bucket's own word stands in the midst of all that was said to it and by it. */
static void
say_unreadable(struct str message, char *why)
{
	const char *code = message.n ? memmem(message.p, message.n, "<Code>", 6) : NULL;
	struct str line = message, word = { "", 0 };

	if (code != NULL) {
		word = (struct str){ code + 6, message.n - (size_t)(code + 6 - message.p) };
		for (size_t i = 0; i < word.n; i++)
			if (word.p[i] == '<')
				word.n = i;
	}
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '\n')
			line.n = i;
	snprintf(why, 200, "the repository cannot be read: %.*s %.*s", (int)(line.n < 100 ? line.n : 100),
	        line.p, (int)(word.n < 60 ? word.n : 60), word.p);
}

/* What it cannot read it shows as a repository without backups, and is content: only its code tells. */
static enum err
readable(const struct json_node *root, char *why)
{
	enum { NO_BACKUPS = 2 }; /* 1: not even a stanza */
	const struct json_node *stanza = node_item(root, 0);
	const struct json_node *repo = node_item(node_member(stanza, "repo"), 0);

	if (number(node_member(node_member(stanza, "status"), "code")) <= NO_BACKUPS)
		return OK;
	say_unreadable(node_text(node_member(node_member(repo, "status"), "message")), why);
	return ERR_STORE_UNAVAILABLE;
}

enum err
pgb_list(const struct conf *conf, struct pgb_set *out, size_t *count, char *why)
{
	const char *words[] = { "info", "--output=json", NULL };
	struct arena *arena = arena_new(ARENA_CEILING);
	const struct json_node *root = NULL;
	struct buf text;
	enum err err;

	*count = 0;
	if (arena == NULL)
		return ERR_BUSY;
	buf_init(&text, OUTPUT_MAX);
	err = ask(conf, words, PGB_CALL_MS, &text, why);
	if (err == OK)
		err = json_tree_read(arena, buf_view(&text), &root, why);
	if (err == OK)
		err = readable(root, why);
	if (err == OK)
		take_sets(root, out, count);
	buf_free(&text);
	arena_free(arena);
	return err;
}

/* ---- take */

/* The catalogue, as often as one likes: there already is no failure. */
static enum err
catalogue(const struct conf *conf, char *why)
{
	const char *words[] = { "stanza-create", NULL };

	return ask(conf, words, PGB_CALL_MS, NULL, why);
}

enum err
pgb_take(const struct conf *conf, enum pgb_kind kind, bool standby, char label[static PGB_LABEL + 1],
        char *why)
{
	char type[16];
	const char *words[] = { standby ? "--backup-standby" : "--no-backup-standby", type, "backup", NULL };
	struct pgb_set *all = calloc(PGB_SETS_MAX, sizeof *all);
	size_t n = 0;
	enum err err = all ? catalogue(conf, why) : ERR_BUSY;

	snprintf(type, sizeof type, "--type=%s", pgb_kind_name(kind));
	if (err == OK)
		err = ask(conf, words, PGB_LONG_MS, NULL, why);
	if (err == OK)
		err = pgb_list(conf, all, &n, why);
	if (err == OK && n == 0) {
		snprintf(why, 200, "pgBackRest took a backup and lists none");
		err = ERR_INTERNAL;
	}
	if (err == OK)
		memcpy(label, all[0].label, PGB_LABEL + 1);
	free(all);
	return err;
}

/* ---- prune */

/* What kept ones stand on, and what that stands on, is kept. */
static void
keep_below(const struct pgb_set *all, size_t n, bool keep[])
{
	for (size_t i = 0; i < n; i++) /* newest first: what one stands on comes later */
		for (size_t k = i + 1; keep[i] && k < n; k++)
			keep[k] |= strcmp(all[i].prior, all[k].label) == 0;
}

static void
choose(const struct pgb_set *all, size_t n, const struct backup_keep *keep, const char *proven,
        int64_t now_ms, bool kept[])
{
	struct backup_base newer = { .at_ms = all[0].at_ms };

	kept[0] = true;
	for (size_t i = 1; i < n; i++) {
		struct backup_base one = { .at_ms = all[i].at_ms };

		kept[i] = strcmp(all[i].label, proven) == 0 || !backup_may_go(&one, &newer, keep, now_ms);
		if (kept[i])
			newer = one;
	}
	keep_below(all, n, kept);
}

static enum err
expire(const struct conf *conf, const char *label, char *why)
{
	char set[PGB_LABEL + 8];
	const char *words[] = { set, "expire", NULL };

	snprintf(set, sizeof set, "--set=%s", label);
	return ask(conf, words, PGB_LONG_MS, NULL, why);
}

/* What stands on one that goes must go before: newest first is that order. */
enum err
pgb_prune(const struct conf *conf, const char *proven, unsigned *removed, char *why)
{
	struct backup_keep keep = backup_keep_of(conf);
	struct pgb_set *all = calloc(PGB_SETS_MAX, sizeof *all);
	bool *kept = calloc(PGB_SETS_MAX, sizeof *kept);
	size_t n = 0;
	enum err err = all && kept ? pgb_list(conf, all, &n, why) : ERR_BUSY;

	*removed = 0;
	keep.kept[0] = '-'; /* no base of ours has this name */
	if (err == OK && n > 0)
		choose(all, n, &keep, proven, clock_now().ms, kept);
	for (size_t i = 0; i < n && err == OK; i++) {
		if (kept[i])
			continue;
		err = expire(conf, all[i].label, why);
		*removed += err == OK;
	}
	free(all);
	free(kept);
	return err;
}
