/* backup_proof.c - restores the newest backup and looks at what came out. */
#include "ops/backup_proof.h"
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
open_restored(const char *path, struct keyring *keyring, struct store **out, struct proof *p, char *why)
{
	char url[PATH_MAX + 8];
	struct store_conf conf = { .url = url,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.statement_timeout_ms = STATEMENT_TIMEOUT_MS };
	int from, version = 0;

	snprintf(url, sizeof url, "sqlite:%s", path);
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

/* rpo_ms: from the newest entry in the backup to the newest there was when the proof began. */
static enum err
measure(const struct backup_proof_conf *c, struct store *restored, int64_t newest_ms, struct proof *p,
        char *why)
{
	int64_t there_ms = 0;

	TRY(prove_newest(restored, &there_ms, why));
	p->rpo_ms = c->source && newest_ms > there_ms ? newest_ms - there_ms : 0;
	return OK;
}

static enum err
restore_and_look(const struct backup_proof_conf *c, const char *path, struct proof *p, char *why)
{
	uint64_t began_ns = clock_mono_ns();
	struct store *restored = NULL;
	int64_t newest_ms = 0;
	enum err err;

	if (c->source != NULL)
		TRY(prove_newest(c->source, &newest_ms, why));
	TRY(backup_restore(c->backup, INT64_MAX, path, &p->reached.ms, c->progress, why));
	err = open_restored(path, c->keyring, &restored, p, why);
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

enum err
backup_prove(struct arena *arena, const struct backup_proof_conf *c, struct proof *out, char *why)
{
	char folder[PATH_MAX], path[PATH_MAX], name[BACKUP_NAME + 1] = "", own[32], reason[200] = "";
	enum err err;

	*out = (struct proof){ .proven = false };
	snprintf(own, sizeof own, ".prove-%d", (int)getpid());
	TRY(backup_scratch(c->scratch, own, folder, why));
	snprintf(path, sizeof path, "%.4000s/plantao.db", folder);
	remove_scratch(folder);
	TRY(file_make_dir(folder, 0700, why));
	err = backup_newest(c->backup, name, reason);
	out->backup = arena_str(arena, str_of(name));
	if (err == OK)
		err = restore_and_look(c, path, out, reason);
	remove_scratch(folder);
	out->at = clock_now();
	out->proven = err == OK;
	if (err != OK)
		out->why = arena_str(arena, str_of(reason[0] ? reason : "no reason was given"));
	proof_tell(out);
	return proof_record_write(c->backup, arena, out, why);
}
