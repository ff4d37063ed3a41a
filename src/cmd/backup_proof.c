/* backup_proof.c - plantao backup verify and status. */
#include "cmd/backup.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SHOWN = 10, ARENA_CEILING = 16 << 20 };
#define NOTHING_TO_COMPARE                                                                                   \
	"the database or the master key is not within reach: nothing would be proven in full"

void
backup_show_progress(const char *what, unsigned done, unsigned of)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%s %u/%u%s", what, done, of, done == of ? "\n" : "");
}

void
backup_time_text(int64_t ms, char out[static INSTANT_TEXT + 1])
{
	instant_print((struct instant){ ms }, out);
}

/* ---- verify */

/* The database here is what the restored one is compared with, when it and its key are here. */
static struct app *
open_source(struct app *source, const struct conf *conf)
{
	const char *key = conf->master_key_file[0] ? conf->master_key_file : conf_path(conf, "master.key");
	const char *url = app_database_url(conf);

	*source = (struct app){ .conf = conf };
	if (pgb_is_used(conf))
		return app_open(source, "backup", conf, &(struct app_needs){ .evidence = true }) == EXIT_DONE
		               ? source
		               : NULL;
	if (access(key, R_OK) != 0 || strncmp(url, "sqlite:", 7) != 0 || access(url + 7, R_OK) != 0)
		return NULL;
	return app_open(source, "backup", conf, &(struct app_needs){ .evidence = true }) == EXIT_DONE ? source
	                                                                                              : NULL;
}

static void
show_proof(const struct proof *p)
{
	char at[INSTANT_TEXT + 1], reached[INSTANT_TEXT + 1];

	backup_time_text(p->at.ms, at);
	backup_time_text(p->reached.ms, reached);
	if (!p->proven) {
		printf("%s  not proven: %.*s\n", at, STR_FMT(p->why));
		return;
	}
	printf("%s  %s: %.*s restores up to %s in %.3f s; %lld patients, %lld records, %lld audit "
	       "entries%s, %lld charts opened, %lld compared%s; %.3f s behind\n",
	        at, proof_is_full(p) ? "proven" : "opened, not proven in full", STR_FMT(p->backup), reached,
	        (double)p->rto_ms / 1e3, (long long)p->patients, (long long)p->records,
	        (long long)p->audit_entries, p->keys ? " verified" : " (no master key here: not verified)",
	        (long long)p->charts_opened, (long long)p->charts_compared,
	        p->source ? "" : " (no source here to compare with)", (double)p->rpo_ms / 1e3);
}

static void
print_json(struct arena *arena, const struct proof *p)
{
	struct ctx ctx = { .arena = arena };
	struct buf b;

	buf_init(&b, 1 << 16);
	json_write(&ctx, &b, &proof_type, p, NULL);
	printf("%.*s", (int)b.n, b.p);
	buf_free(&b);
}

int
backup_verify(const struct app *app, const struct backup *b, bool json, bool in_full)
{
	struct arena *arena = arena_new(ARENA_CEILING);
	struct app held, *source = open_source(&held, app->conf);
	struct backup_proof_conf c = { b, app->conf->data_dir, source ? source->store : NULL,
		source ? source->keyring : NULL, backup_show_progress,
		pgb_is_used(app->conf) ? app->conf : NULL };
	char why[200] = "out of memory";
	struct proof p;
	enum err err = ERR_BUSY;
	int exit = EXIT_FAILED;

	if (in_full && (c.source == NULL || c.keyring == NULL))
		err = ERR_STATE, snprintf(why, sizeof why, "%s", NOTHING_TO_COMPARE);
	else if (arena != NULL)
		err = backup_prove(arena, &c, &p, why);
	if (err != OK)
		app_say(app, "%s", why);
	else if (json)
		print_json(arena, &p), putchar('\n');
	else if (p.proven)
		show_proof(&p);
	if (err == OK && !p.proven)
		app_say(app, "not proven: %.*s", STR_FMT(p.why));
	if (err == OK && p.proven)
		exit = EXIT_DONE;
	if (source != NULL)
		app_close(source);
	arena_free(arena);
	return exit;
}

/* ---- status */

struct state {
	const struct backup_state *newest;
	struct proof_record proofs[SHOWN];
	size_t proof_count;
	const char *alarm; /* NULL: none */
};

static const char *
alarm_of(const struct conf *conf, const struct state *s)
{
	const struct proof *good = proofs_newest_good(s->proofs, s->proof_count);
	int64_t now_ms = clock_now().ms;

	if (s->newest->newest[0] == 0)
		return "there is no backup";
	if (now_ms - s->newest->at_ms > (conf->backup_base_hours + 1) * 3600000)
		return "the newest base is older than backup_base_hours";
	for (size_t i = 0; i < s->proof_count; i++)
		if (!s->proofs[i].signed_well)
			return "a record of a proof was changed";
	if (proofs_failed_last(s->proofs, s->proof_count))
		return "the last restore did not prove it";
	if (good == NULL)
		return s->proof_count ? "restored, but not compared with its source"
		                      : "never proven by a restore";
	if (now_ms - good->at.ms > conf->backup_prove_max_hours * 3600000)
		return "the last proof is older than backup_prove_max_hours";
	return NULL;
}

static void
print_state(const struct backup *b, const struct state *s)
{
	char last[INSTANT_TEXT + 1];

	printf("target  %s\n", b->target->text);
	if (s->newest->newest[0]) {
		backup_time_text(s->newest->up_to_ms, last);
		printf("newest  %s, up to %s, %lld bytes", s->newest->newest, last,
		        (long long)s->newest->bytes);
		if (s->newest->segments > 0)
			printf(", %u segments", s->newest->segments);
		putchar('\n');
	}
	for (size_t i = 0; i < s->proof_count; i++) {
		printf("proof   ");
		if (s->proofs[i].signed_well)
			show_proof(&s->proofs[i].proof);
		else
			printf("a record that was changed, or signed by somebody else\n");
	}
	printf("%s\n", s->alarm ? s->alarm : "ok");
}

static void
print_state_json(struct arena *arena, const struct backup *b, const struct state *s)
{
	bool any = s->newest->newest[0] != 0;
	char last[INSTANT_TEXT + 1] = "";
	struct buf text;

	backup_time_text(s->newest->up_to_ms, last);
	buf_init(&text, 1 << 16);
	buf_text(&text, "{\"target\":");
	json_write_text(&text, str_of(b->target->text));
	buf_text(&text, ",\"newest\":");
	json_write_text(&text, any ? str_of(s->newest->newest) : (struct str){ NULL, 0 });
	buf_text(&text, ",\"upTo\":");
	json_write_text(&text, any ? str_of(last) : (struct str){ NULL, 0 });
	buf_text(&text, ",\"alarm\":");
	json_write_text(&text, str_of(s->alarm));
	printf("%.*s,\"proofs\":[", (int)text.n, text.p);
	buf_free(&text);
	for (size_t i = 0; i < s->proof_count; i++) {
		printf("%s{\"signed\":%s,\"proof\":", i ? "," : "",
		        s->proofs[i].signed_well ? "true" : "false");
		print_json(arena, &s->proofs[i].proof);
		putchar('}');
	}
	printf("]}\n");
}

/* Exits 1 on what the server alarms about: for schedulers and monitors without Prometheus. */
int
backup_status(const struct app *app, const struct backup *b, const struct backup_state *newest, bool json)
{
	struct arena *arena = arena_new(ARENA_CEILING);
	struct state s = { .newest = newest };
	char why[200] = "out of memory";
	enum err err = arena ? backup_proofs(b, arena, s.proofs, SHOWN, &s.proof_count, why) : ERR_BUSY;

	if (err == OK) {
		s.alarm = alarm_of(app->conf, &s);
		if (json)
			print_state_json(arena, b, &s);
		else
			print_state(b, &s);
	} else {
		app_say(app, "%s", why);
	}
	arena_free(arena);
	return err == OK && s.alarm == NULL ? EXIT_DONE : EXIT_FAILED;
}
