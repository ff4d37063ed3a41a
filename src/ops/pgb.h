/* pgb.h - backups of a PostgreSQL installation: pgBackRest's, asked for with this program's
 * words.  pgBackRest copies and restores; what is due, what may go and whether a backup is
 * what the source is are decided here.
 *
 * It works as PostgreSQL's account (backup_pg_user); this process is that account, or root and
 * becomes it for each call.  What is signed rests in backup_dir or the bucket beside
 * pgBackRest's repository (folder pgbackrest), as the server's account.  why: 200 bytes. */
#ifndef OPS_PGB_H
#define OPS_PGB_H

#include "ops/backup.h"
#include "ops/pgb_conf.h"

enum { PGB_LABEL = BACKUP_LABEL, PGB_SETS_MAX = 4096 };
enum pgb_kind { PGB_UNSET = 0, PGB_FULL, PGB_DIFF, PGB_INCR, PGB__MAX };

/* One backup as pgBackRest keeps it. */
struct pgb_set {
	char label[PGB_LABEL + 1];
	enum pgb_kind kind;
	char prior[PGB_LABEL + 1]; /* what it stands on; "" for a full one */
	int64_t at_ms, done_ms;
	int64_t bytes;     /* of the database */
	int64_t own_bytes; /* in the repository */
	bool broken;       /* pages whose checksum was wrong are in it */
};

const char *pgb_kind_name(enum pgb_kind);
bool pgb_kind_parse(const char *, enum pgb_kind *) MUST_CHECK;
/* Is the database PostgreSQL? */
bool pgb_is_used(const struct conf *);

/* The configuration for pgBackRest and its directories; what is there stays. */
enum err pgb_init(const struct conf *, char *why) MUST_CHECK;
/* Newest first, into an array of PGB_SETS_MAX; none at all is no failure. */
enum err pgb_list(const struct conf *, struct pgb_set *, size_t *count, char *why) MUST_CHECK;
/* One now; standby: read from the standby, which the primary does not feel.  label gets its
 * name. Makes the repository's catalogue (stanza) first when it is missing. */
enum err pgb_take(const struct conf *, enum pgb_kind, bool standby, char label[static PGB_LABEL + 1],
        char *why) MUST_CHECK;
/* By backup_keep_*, as with the embedded database; never the newest, the one of the newest good
 * proof, nor what a kept one stands on. The log goes as far back as the configuration says. */
enum err pgb_prune(const struct conf *, const char *proven, unsigned *removed, char *why) MUST_CHECK;

/* ---- back */
struct pgb_restored {
	char dir[PATH_MAX];    /* PostgreSQL's data directory */
	char socket[PATH_MAX]; /* while it is open: where it listens, for this program alone */
	char label[PGB_LABEL + 1];
};
/* Restores to_ms (INT64_MAX: all that was archived) into dir, an empty or missing directory,
 * and opens it: its log is taken in up to that moment by a PostgreSQL that listens to nobody
 * else; on failure nothing runs, and out tells which backup it was. archives: it goes on as the
 * installation's own, so its new timeline is archived. */
enum err pgb_restore(const struct conf *, int64_t to_ms, const char *dir, bool archives,
        struct pgb_restored *, char *why) MUST_CHECK;
/* Ends that PostgreSQL in order; the directory stays. */
enum err pgb_shut(const struct conf *, const struct pgb_restored *, char *why) MUST_CHECK;
/* Ends it at once and removes the directory. */
void pgb_discard(const struct conf *, const struct pgb_restored *);
/* A PostgreSQL that works on dir; 0: none. */
int64_t pgb_works_on(const struct conf *, const char *dir);
/* What proofs of processes that are gone left behind. */
void pgb_sweep(const struct conf *);

/* ---- between the files pgb*.c */
enum { PGB_CALL_MS = 60000, PGB_LONG_MS = 24 * 3600000 };
#define PGB_STANZA "plantao"
/* As backup_pg_user. ERR_STORE_UNAVAILABLE: it failed, and why is its last complaint. */
enum err pgb_call(
        const struct conf *, const char *const argv[], int timeout_ms, struct buf *out, char *why) MUST_CHECK;
/* Until pgb_be_server: root itself, to make and give away directories. */
void pgb_be_root(const struct conf *);
void pgb_be_server(const struct conf *);

#endif
