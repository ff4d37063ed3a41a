/* confine.c - what a server needs of the file system once it has started.  The keys are not
 * among it: they are in memory, and in the default place they lie in data_dir beside the
 * database, so of data_dir only names are open, and bytes file by file. */
#include "cmd/confine.h"
#include "cmd/keeper.h"
#include "ops/backup.h"
#include "sys/log.h"
#include "sys/sandbox.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void
allow_beside(const char *file, const char *suffix, enum sandbox_may may)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s%s", file, suffix);
	sandbox_allow(path, may);
}

/* Names in the folder, bytes in its scratch. */
static void
allow_folder(const char *path)
{
	char scratch[PATH_MAX], why[200];

	sandbox_allow(path, SANDBOX_NAMES);
	if (backup_scratch(path, "", scratch, why) == OK)
		sandbox_allow(scratch, SANDBOX_WRITE);
}

static void
allow_folder_of(const char *file)
{
	char path[PATH_MAX];
	char *slash;

	snprintf(path, sizeof path, "%s", file);
	slash = strrchr(path, '/');
	if (slash != NULL)
		*slash = 0;
	allow_folder(slash == path ? "/" : slash ? path : ".");
}

/* The log and its index exist while a connection is open, as ours is. */
static void
allow_embedded(struct store *store)
{
	const char *file = store_file(store);

	allow_folder_of(file);
	allow_beside(file, "", SANDBOX_WRITE);
	allow_beside(file, "-wal", SANDBOX_WRITE);
	allow_beside(file, "-shm", SANDBOX_WRITE);
	allow_beside(file, ".lock", SANDBOX_WRITE);
}

/* What libpq reads again whenever it connects, its own client's key included. */
static void
allow_postgres(const char *url)
{
	static const char *const named[] = { "sslcert=", "sslkey=", "sslrootcert=", "sslcrl=", "passfile=" };
	const char *home = getenv("HOME");

	if (home != NULL) {
		allow_beside(home, "/.pgpass", SANDBOX_READ);
		allow_beside(home, "/.postgresql", SANDBOX_READ);
	}
	for (size_t i = 0; i < COUNT(named); i++) {
		const char *at = strstr(url, named[i]);
		char path[PATH_MAX];

		if (at == NULL)
			continue;
		at += strlen(named[i]);
		snprintf(path, sizeof path, "%.*s", (int)strcspn(at, "& "), at);
		sandbox_allow(path, SANDBOX_READ);
	}
}

/* It is opened anew for every head, so it must be there when the walls go up. */
static void
allow_heads(const char *path)
{
	int fd;

	if (path[0] == 0)
		return;
	fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd >= 0)
		close(fd);
	sandbox_allow(path, SANDBOX_WRITE);
}

enum err
confine(const struct app *app, char *why)
{
	struct sandbox s;

	if (!app->conf->confinement) {
		log_event(EV_UNCONFINED);
		return OK;
	}
	store_rest(app->store);
	sandbox_allow_system();
	allow_folder(app->conf->data_dir);
	if (store_engine(app->store) == ENGINE_SQLITE)
		allow_embedded(app->store);
	else
		allow_postgres(app_database_url(app->conf));
	if (app->conf->backup_dir[0] != 0)
		sandbox_allow(app->conf->backup_dir, SANDBOX_WRITE);
	if (app->conf->backup_s3_ca_file[0] != 0)
		sandbox_allow(app->conf->backup_s3_ca_file, SANDBOX_READ);
	if (app->conf->assistant_ca_file[0] != 0)
		sandbox_allow(app->conf->assistant_ca_file, SANDBOX_READ);
	if (app->conf->vault_ca_file[0] != 0)
		sandbox_allow(app->conf->vault_ca_file, SANDBOX_READ);
	allow_heads(app->conf->audit_heads_file);
	keeper_opens_keys();
	TRY(sandbox_enter(&s, why));
	log_event(EV_CONFINED, { "landlock", LOG_I(s.landlock) });
	return OK;
}
