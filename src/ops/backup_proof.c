/* backup_proof.c - restores the newest backup and looks at what came out. */
#include "ops/backup_proof.h"
#include "ops/pgb.h"
#include "store/migrate.h"
#include "store/seal.h"
#include "sys/files.h"
#include "sys/metrics.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATEMENT_TIMEOUT_MS = 600000, CONNECT_TIMEOUT_MS = 2000 };

static void
remove_scratch(const char *folder)
{
	static const char *const files[] = { "plantao.db", "plantao.db-wal", "plantao.db-shm",
		"plantao.db.lock" };
	char path[PATH_MAX];

	for (size_t i = 0; i < COUNT(files); i++) {
		snprintf(path, sizeof path, "%.4000s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
}

void
backup_proof_sweep(const char *scratch)
{
	char path[PATH_MAX];
	struct dirent *e;
	char why[200];
	DIR *d;

	if (backup_scratch(scratch, "", path, why) != OK || (d = opendir(path)) == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		char folder[PATH_MAX];
		int64_t pid;

		if (strncmp(e->d_name, ".prove-", 7) != 0 || !str_int(str_of(e->d_name + 7), &pid) ||
		        kill((pid_t)pid, 0) == 0)
			continue;
		snprintf(folder, sizeof folder, "%.3800s/%.200s", path, e->d_name);
		remove_scratch(folder);
	}
	closedir(d);
}

/* Opened as a server would: migrated to this program's version, with the keys. */
static enum err
open_restored(const char *url, struct keyring *keyring, struct store **out, struct proof *p, char *why)
{
	struct store_conf conf = { .url = url,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.statement_timeout_ms = STATEMENT_TIMEOUT_MS };
	int from, version = 0;

	TRY(store_open(&conf, out, why));
	TRY(store_migrate(*out, &from, &version, why));
	p->version = version;
	if (keyring != NULL && seal_init(*out, keyring) != OK) {
		snprintf(why, 200, "no memory for keys");
		return ERR_BUSY;
	}
	return OK;
}

static void
close_restored(struct store *store, bool keys)
{
	if (store != NULL && keys)
		seal_close(store);
	store_close(store);
}

/* rpo_ms: from the newest entry in the backup to the newest there was when the proof began. What
 * PostgreSQL's backup reached is known by its newest entry alone. */
static enum err
measure(const struct backup_proof_conf *c, struct store *restored, int64_t newest_ms, struct proof *p,
        char *why)
{
	int64_t there_ms = 0;

	TRY(prove_newest(restored, &there_ms, why));
	p->rpo_ms = c->source && newest_ms > there_ms ? newest_ms - there_ms : 0;
	if (p->reached.ms == 0)
		p->reached.ms = there_ms;
	return OK;
}

/* What lies there is opened, measured from the restore's begin, and compared. */
static enum err
look(const struct backup_proof_conf *c, const char *url, uint64_t began_ns, int64_t newest_ms,
        struct proof *p, char *why)
{
	struct store *restored = NULL;
	enum err err = open_restored(url, c->keyring, &restored, p, why);

	if (err == OK)
		err = measure(c, restored, newest_ms, p, why);
	p->rto_ms = (int64_t)((clock_mono_ns() - began_ns) / 1000000);
	if (err == OK) {
		metric_time(M_BACKUP_RTO, 0, clock_mono_ns() - began_ns);
		metric_time(M_BACKUP_RPO, 0, (uint64_t)p->rpo_ms * 1000000);
		err = prove_store(restored, c->source, c->keyring, p, why);
	}
	close_restored(restored, c->keyring != NULL);
	return err;
}

static enum err
prove_embedded(
        struct arena *arena, const struct backup_proof_conf *c, int64_t newest_ms, struct proof *p, char *why)
{
	char folder[PATH_MAX], url[PATH_MAX + 32] = "sqlite:", name[BACKUP_NAME + 1] = "", own[32];
	uint64_t began_ns;
	enum err err;

	snprintf(own, sizeof own, ".prove-%d", (int)getpid());
	TRY(backup_scratch(c->scratch, own, folder, why));
	snprintf(url + 7, PATH_MAX, "%.4000s/plantao.db", folder);
	remove_scratch(folder);
	TRY(file_make_dir(folder, 0700, why));
	err = backup_newest(c->backup, name, why);
	p->backup = arena_str(arena, str_of(name));
	began_ns = clock_mono_ns();
	if (err == OK)
		err = backup_restore(c->backup, INT64_MAX, url + 7, &p->reached.ms, c->progress, why);
	if (err == OK)
		err = look(c, url, began_ns, newest_ms, p, why);
	remove_scratch(folder);
	return err;
}

static enum err
prove_postgres(
        struct arena *arena, const struct backup_proof_conf *c, int64_t newest_ms, struct proof *p, char *why)
{
	struct pgb_restored r = { .label = "" };
	char dir[PATH_MAX], url[PATH_MAX];
	uint64_t began_ns = clock_mono_ns();
	enum err err;

	pgb_sweep(c->postgres);
	snprintf(dir, sizeof dir, "%.3000s/restore-%d.data", c->postgres->backup_pg_work, (int)getpid());
	err = pgb_restore(c->postgres, INT64_MAX, dir, false, &r, why);
	p->backup = arena_str(arena, str_of(r.label));
	if (err == OK && store_url_copy(c->postgres->database_url, r.socket, url, sizeof url) != OK) {
		snprintf(why, 200, "database_url names no role and database");
		err = ERR_INVALID;
	}
	if (err == OK)
		err = look(c, url, began_ns, newest_ms, p, why);
	snprintf(r.dir, sizeof r.dir, "%s", dir);
	pgb_discard(c->postgres, &r);
	return err;
}

enum err
backup_prove(struct arena *arena, const struct backup_proof_conf *c, struct proof *out, char *why)
{
	char reason[200] = "";
	int64_t newest_ms = 0;
	enum err err = OK;

	*out = (struct proof){ .proven = false };
	if (c->source != NULL)
		err = prove_newest(c->source, &newest_ms, reason);
	if (err == OK)
		err = c->postgres ? prove_postgres(arena, c, newest_ms, out, reason)
		                  : prove_embedded(arena, c, newest_ms, out, reason);
	out->at = clock_now();
	out->proven = err == OK;
	if (err != OK)
		out->why = arena_str(arena, str_of(reason[0] ? reason : "no reason was given"));
	proof_tell(out);
	return proof_record_write(c->backup, arena, out, why);
}
