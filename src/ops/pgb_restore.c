/* pgb_restore.c - a backup comes back: pgBackRest lays the files down, a PostgreSQL that listens
 * to nobody takes the log in up to the moment that is asked for, and is left open to be looked at.
 *
 * What the source was told is not believed here: its settings (archiving, a synchronous standby
 * that no longer is, extensions' libraries) would make the restored one wait for ever, or write
 * into the repository of the living one.  So they are overridden on the command line. */
#include "ops/pgb.h"
#include "sys/files.h"
#include "sys/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SOCKET_MAX = 90, LOG_MAX = 1 << 20, STOP_S = 120, LOCK_FILE = 8192, LOOK_MS = 50 };
#define PREFIX "restore-"

/* ---- directories, as PostgreSQL's account */

static enum err
make(const struct conf *conf, const char *dir, char *why)
{
	const struct passwd *pw = getpwnam(conf->backup_pg_user);
	enum err err = OK;

	pgb_be_root(conf);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		snprintf(why, 200, "%.150s cannot be made: %s", dir, strerror(errno));
		err = ERR_STORE_UNAVAILABLE;
	} else if (chmod(dir, 0700) != 0 ||
	           (getuid() == 0 && (pw == NULL || chown(dir, pw->pw_uid, pw->pw_gid) != 0))) {
		snprintf(why, 200, "%.130s cannot be given to %.40s", dir, conf->backup_pg_user);
		err = ERR_STORE_UNAVAILABLE;
	}
	pgb_be_server(conf);
	return err;
}

static void
remove_all(const struct conf *conf, const char *dir)
{
	const char *argv[] = { "rm", "-rf", "--", dir, NULL };

	(void)run_program_as(conf->backup_pg_user, argv, PGB_CALL_MS, NULL);
}

static enum err
write_as_root(const struct conf *conf, const char *path, const char *text, char *why)
{
	const struct passwd *pw = getpwnam(conf->backup_pg_user);
	enum err err;

	pgb_be_root(conf);
	err = file_write(path, text, strlen(text), 0600, why);
	if (err == OK && getuid() == 0 && (pw == NULL || chown(path, pw->pw_uid, pw->pw_gid) != 0))
		err = ERR_STORE_UNAVAILABLE;
	pgb_be_server(conf);
	return err;
}

/* ---- the set */

/* The newest that was finished by then: the log leads on from there. */
static enum err
choose(const struct conf *conf, int64_t to_ms, char label[static PGB_LABEL + 1], char *why)
{
	struct pgb_set *all = calloc(PGB_SETS_MAX, sizeof *all);
	size_t n = 0, i = 0;
	enum err err = all ? pgb_list(conf, all, &n, why) : ERR_BUSY;

	while (err == OK && i < n && all[i].done_ms > to_ms)
		i++;
	if (err == OK && i == n) {
		snprintf(why, 200, n ? "no backup was finished by then" : "there is no backup");
		err = ERR_NOT_FOUND;
	}
	if (err == OK)
		memcpy(label, all[i].label, PGB_LABEL + 1);
	free(all);
	return err;
}

static enum err
lay_down(const struct conf *conf, int64_t to_ms, const char *dir, const char *label, char *why)
{
	char file[PATH_MAX], path[PATH_MAX], set[PGB_LABEL + 8], target[64] = "", at[INSTANT_TEXT + 1];
	const char *const stanza = "--stanza=" PGB_STANZA;
	const char *argv[] = { "pgbackrest", file, stanza, path, set, "restore", NULL, NULL, NULL, NULL };

	if (snprintf(file, sizeof file, "--config=%s", conf->backup_pgbackrest_file) >= (int)sizeof file ||
	        snprintf(path, sizeof path, "--pg1-path=%s", dir) >= (int)sizeof path) {
		snprintf(why, 200, "a path is too long");
		return ERR_INVALID;
	}
	snprintf(set, sizeof set, "--set=%s", label);
	if (to_ms != INT64_MAX) {
		instant_print((struct instant){ to_ms }, at); /* 2026-11-30T12:00:00.000Z */
		snprintf(target, sizeof target, "--target=%.10s %.12s+00", at, at + 11);
		argv[6] = "--type=time";
		argv[7] = target;
		argv[8] = "--target-action=promote";
	}
	return pgb_call(conf, argv, PGB_LONG_MS, NULL, why);
}

/* ---- a PostgreSQL of our own on it */

/* postmaster.pid, whose first line is the process and whose eighth how far it is. */
static void
lock_file(const struct conf *conf, const char *dir, char text[static LOCK_FILE])
{
	char path[PATH_MAX], why[WHY_SIZE];
	size_t n = 0;

	memset(text, 0, LOCK_FILE);
	snprintf(path, sizeof path, "%.4000s/postmaster.pid", dir);
	pgb_be_root(conf);
	if (file_read_into(path, text, LOCK_FILE - 1, &n, why) != OK)
		text[0] = 0;
	pgb_be_server(conf);
}

int64_t
pgb_works_on(const struct conf *conf, const char *dir)
{
	char text[LOCK_FILE];
	int64_t pid = 0;

	lock_file(conf, dir, text);
	text[strcspn(text, "\n")] = 0;
	return str_int(str_of(text), &pid) && pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM) ? pid
	                                                                                              : 0;
}

static bool
is_ready(const struct conf *conf, const char *dir)
{
	char text[LOCK_FILE];
	const char *at = text;

	lock_file(conf, dir, text);
	for (int line = 1; line < 8 && at != NULL; line++) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at != NULL && strncmp(at, "ready", 5) == 0;
}

/* pg_ctl returns as soon as the log is being taken in; that may take hours more, or end at a FATAL. */
static enum err
wait_until_ready(const struct conf *conf, const struct pgb_restored *r, char *why)
{
	uint64_t until_ns = clock_mono_ns() + (uint64_t)PGB_LONG_MS * 1000000;

	while (clock_mono_ns() < until_ns) {
		if (is_ready(conf, r->dir))
			return OK;
		if (pgb_works_on(conf, r->dir) == 0) {
			snprintf(why, 200, "PostgreSQL ended while it took in the log");
			return ERR_STORE_UNAVAILABLE;
		}
		nanosleep(&(struct timespec){ 0, LOOK_MS * 1000000 }, NULL);
	}
	snprintf(why, 200, "PostgreSQL takes in the log for more than %d hours", PGB_LONG_MS / 3600000);
	return ERR_STORE_UNAVAILABLE;
}

/* The last thing it complained of. */
static void
last_fatal(const char *log, char *why)
{
	struct buf text;
	char ignored[WHY_SIZE];
	const char *found = NULL;

	buf_init(&text, LOG_MAX);
	if (file_read(log, LOG_MAX, &text, ignored) == OK && text.n > 0) {
		buf_byte(&text, 0);
		for (const char *at = text.p; (at = strstr(at, "FATAL:")) != NULL; at++)
			found = at;
	}
	if (found != NULL)
		snprintf(why, 200, "%.*s",
		        (int)(strcspn(found + 6, "\n") > 180 ? 180 : strcspn(found + 6, "\n")),
		        found + 6 + strspn(found + 6, " "));
	if (found != NULL && strstr(found, "before configured recovery target") != NULL)
		snprintf(why, 200,
		        "the archived log does not reach that time: nothing was committed since, or it was "
		        "not archived yet (SELECT pg_switch_wal())");
	buf_free(&text);
}

static enum err
open_it(const struct conf *conf, const struct pgb_restored *r, bool archives, char *why)
{
	char program[PATH_MAX], log[PATH_MAX], options[2 * PATH_MAX + 900], settings[PATH_MAX], hba[PATH_MAX],
	        archive[PATH_MAX + 200] = "archive_mode=off";
	const char *argv[] = { program, "-D", r->dir, "-w", "-t", "86400", "-l", log, "-o", options, "start",
		NULL };
	enum err err;

	snprintf(program, sizeof program, "%.4000s/pg_ctl", conf->backup_pg_bin);
	snprintf(log, sizeof log, "%.4000s/log", r->socket);
	snprintf(settings, sizeof settings, "%.4000s/postgresql.conf", r->socket);
	snprintf(hba, sizeof hba, "%.4000s/hba.conf", r->socket);
	TRY(write_as_root(conf, hba, "local all all trust\n", why));
	TRY(write_as_root(conf, settings, "# of a restore: all is on the command line\n", why));
	if (archives)
		snprintf(archive, sizeof archive,
		        "archive_mode=on -c archive_command='pgbackrest --config=%.2000s --stanza=" PGB_STANZA
		        " --pg1-path=%.2000s archive-push %%p'",
		        conf->backup_pgbackrest_file, r->dir);
	snprintf(options, sizeof options,
	        "-c config_file=%.1000s -c hba_file=%.1000s -c ident_file=%.1000s -c listen_addresses= -c "
	        "port=5432 "
	        "-c unix_socket_directories=%.200s -c hot_standby=off -c synchronous_standby_names= "
	        "-c shared_preload_libraries= -c session_preload_libraries= -c ssl=off -c "
	        "logging_collector=off "
	        "-c log_destination=stderr -c lc_messages=C -c max_connections=20 -c shared_buffers=128MB "
	        "-c wal_level=replica -c external_pid_file= -c %s",
	        settings, hba, settings, r->socket, archive);
	err = pgb_call(conf, argv, PGB_LONG_MS, NULL, why);
	if (err == OK)
		err = wait_until_ready(conf, r, why);
	if (err != OK) {
		pgb_be_root(conf);
		last_fatal(log, why);
		pgb_be_server(conf);
	}
	return err;
}

enum err
pgb_shut(const struct conf *conf, const struct pgb_restored *r, char *why)
{
	char program[PATH_MAX], seconds[8];
	const char *argv[] = { program, "-D", r->dir, "-w", "-t", seconds, "-m", "fast", "stop", NULL };
	enum err err;

	snprintf(program, sizeof program, "%.4000s/pg_ctl", conf->backup_pg_bin);
	snprintf(seconds, sizeof seconds, "%d", STOP_S);
	err = pgb_call(conf, argv, (STOP_S + 10) * 1000, NULL, why);
	remove_all(conf, r->socket);
	return err;
}

static void
kill_it(const struct conf *conf, const char *dir)
{
	char program[PATH_MAX];
	const char *argv[] = { program, "-D", dir, "-w", "-m", "immediate", "stop", NULL };
	struct buf ignored;

	if (pgb_works_on(conf, dir) == 0)
		return;
	snprintf(program, sizeof program, "%.4000s/pg_ctl", conf->backup_pg_bin);
	buf_init(&ignored, LOG_MAX);
	(void)run_program_as(conf->backup_pg_user, argv, PGB_CALL_MS, &ignored);
	buf_free(&ignored);
}

void
pgb_discard(const struct conf *conf, const struct pgb_restored *r)
{
	kill_it(conf, r->dir);
	remove_all(conf, r->dir);
	remove_all(conf, r->socket);
}

/* ---- the whole */

enum err
pgb_restore(const struct conf *conf, int64_t to_ms, const char *dir, bool archives, struct pgb_restored *out,
        char *why)
{
	struct pgb_restored r = { .label = "" };
	enum err err;

	if (snprintf(r.socket, sizeof r.socket, "%s/" PREFIX "%d", conf->backup_pg_work, (int)getpid()) >
	                SOCKET_MAX ||
	        snprintf(r.dir, sizeof r.dir, "%s", dir) >= PATH_MAX - 100 || strchr(dir, ' ') != NULL ||
	        strchr(dir, '\'') != NULL) {
		snprintf(why, 200, "backup_pg_work or the directory is too long, or has a blank or a quote");
		return ERR_INVALID;
	}
	TRY(choose(conf, to_ms, r.label, why));
	*out = r;
	TRY(make(conf, r.socket, why));
	err = make(conf, r.dir, why);
	if (err == OK)
		err = lay_down(conf, to_ms, r.dir, r.label, why);
	if (err == OK)
		err = open_it(conf, &r, archives, why);
	*out = r;
	if (err != OK) {
		kill_it(conf, r.dir);
		remove_all(conf, r.socket);
	}
	return err;
}

void
pgb_sweep(const struct conf *conf)
{
	DIR *d;
	struct dirent *e;

	pgb_be_root(conf);
	d = opendir(conf->backup_pg_work);
	while (d != NULL && (e = readdir(d)) != NULL) {
		struct pgb_restored r = { .label = "" };
		int64_t pid;

		if (strncmp(e->d_name, PREFIX, sizeof PREFIX - 1) != 0 ||
		        !str_int((struct str){ e->d_name + sizeof PREFIX - 1,
		                         strspn(e->d_name + sizeof PREFIX - 1, "0123456789") },
		                &pid) ||
		        kill((pid_t)pid, 0) == 0)
			continue;
		snprintf(r.socket, sizeof r.socket, "%.3000s/" PREFIX "%lld", conf->backup_pg_work,
		        (long long)pid);
		snprintf(r.dir, sizeof r.dir, "%.3000s/" PREFIX "%lld.data", conf->backup_pg_work,
		        (long long)pid);
		pgb_discard(conf, &r);
	}
	if (d != NULL)
		closedir(d);
	pgb_be_server(conf);
}
