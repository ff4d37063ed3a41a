/* app.h - what most commands stand on: configuration, keys, store, migrations. */
#ifndef CMD_APP_H
#define CMD_APP_H

#include "cmd/cmd.h"
#include "store/db.h"
#include "sys/keyring.h"

struct app {
	const struct conf *conf;
	const char *name; /* the command's, for messages */
	struct keyring *keyring;
	struct store *store;
	struct db *db;  /* of the calling thread */
	int version;    /* of the database, after migrations */
	bool server;    /* it seals the audit trail by itself */
	bool wrote;     /* set by app_write, and by who writes without it: app_close seals */
	struct ctx ctx; /* reaches the whole tenant, acts as nobody */
};

struct app_needs {
	bool exclusive; /* the server: a second one is refused */
	bool make_key;  /* a first start may make the master key */
	bool no_key;    /* works without the master key */
	/* What is there is looked at as it is: no directory, database or table is made. */
	bool evidence;
	const char *database; /* a backup's, instead of the configured one; NULL */
};

/* Says on stderr what is wrong; returns EXIT_DONE or EXIT_FAILED. app_close is due in either case. */
int app_open(struct app *, const char *name, const struct conf *, const struct app_needs *);
void app_close(struct app *);
/* Behind much that was written at once: the planner's statistics, see db_statistics.  Without
 * them all is there, only slower for a while, so that a failure is said and nothing more. */
void app_statistics(struct app *);
/* ctx.tenant by slug; NULL: the only one there is, or "demo". */
int app_tenant(struct app *, const char *slug);
/* Runs work in one write transaction; says what failed. */
typedef enum err app_work_fn(struct ctx *, void *arg);
int app_write(struct app *, app_work_fn *, void *arg);
int app_read(struct app *, app_work_fn *, void *arg);               /* the same in a read transaction */
int app_say(const struct app *, const char *fmt, ...) PRINTF(2, 3); /* to stderr; returns EXIT_FAILED */
bool app_speaks_portuguese(void); /* by LC_ALL, LC_MESSAGES or LANG; else English */
/* For serve --demo: makes the demo, or keeps the one that is there. */
int serve_demo(struct app *);
/* The database's address: database_url, or sqlite:data_dir/plantao.db. */
const char *app_database_url(const struct conf *);

#endif
