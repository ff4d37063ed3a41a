/* backup.h - backups of the embedded database: a base copy and the log's frames behind
 * it, shipped while the server works; every file compressed, encrypted and bound to its
 * name and place, so that one that was changed, cut, swapped or left out does not open.
 *
 * In the target, one folder a base:
 *   20261130T120000.123Z/base           the whole database at that time
 *   20261130T120000.123Z/key            this folder's data key, wrapped by the backup key
 *   20261130T120000.123Z/log-GG-NNNNNN-TTTT…   frames of generation GG, segment NNNNNN, shipped at T (ms)
 * A time in between is reached to the segment (backup_interval_ms). */
#ifndef OPS_BACKUP_H
#define OPS_BACKUP_H

#include "ops/target.h"
#include "store/backup.h"
#include "sys/keyring.h"

/* LABEL: of a backup by pgBackRest as well, which is longer. */
enum { BACKUP_NAME = 24, BACKUP_LABEL = 40, BACKUPS_MAX = 4096 };

struct backup_base {
	char name[BACKUP_NAME + 1];
	int64_t at_ms, first_ms, last_ms; /* of the base; of its oldest and newest segment */
	int64_t bytes;                    /* of all its files, as they rest */
	unsigned segments;
};

struct backup {
	struct target *target;
	struct keyring *keys;
};

/* The configuration's target and backup_key_file. why: 200 bytes. */
bool backup_is_configured(const struct conf *);
enum err backup_open(const struct conf *, struct backup *, char *why) MUST_CHECK;
/* DIR/scratch/NAME, made: where plain copies and parts rest for a while.  A confined server may
 * write there; in DIR itself it may not make a file with bytes. out may be dir; PATH_MAX. */
enum err backup_scratch(const char *dir, const char *name, char *out, char *why) MUST_CHECK;
void backup_close(struct backup *);
const char *backup_key_path(const struct conf *);

/* Newest first, into an array of BACKUPS_MAX. */
enum err backup_list(const struct backup *, struct backup_base *, size_t *count, char *why) MUST_CHECK;
/* The newest one's name; ERR_NOT_FOUND. */
enum err backup_newest(const struct backup *, char name[static BACKUP_NAME + 1], char *why) MUST_CHECK;
/* What lies in the target when a new key is made: no new key opens it. */
struct backup_former {
	char oldest[BACKUP_NAME + 1], newest[BACKUP_NAME + 1]; /* "": no backups */
	size_t count;
	bool proofs; /* signed records, whose key is wrapped by the former backup key */
};
/* Needs no key: b->keys may be NULL. */
enum err backup_look_former(const struct backup *, struct backup_former *, char *why) MUST_CHECK;
/* A base now; name gets the folder's. */
enum err backup_take(
        const struct backup *, struct store *, char name[static BACKUP_NAME + 1], char *why) MUST_CHECK;

/* Writes the database as it was at to_ms (INT64_MAX: the newest) into path, which must not
 * exist, and checks it. at_ms: the moment reached. progress may be NULL. */
typedef void backup_progress_fn(const char *what, unsigned done, unsigned of);
enum err backup_restore(const struct backup *, int64_t to_ms, const char *path, int64_t *at_ms,
        backup_progress_fn *, char *why) MUST_CHECK;

/* Keeps every base of the last hours, and then the newest of each day, week and month for
 * so many of them; never removes the newest, nor the one named kept (may be ""), which is
 * the newest proven. conf.def says the least that policy allows. removed: how many went. */
struct backup_keep {
	int64_t hours, days, weeks, months;
	char kept[BACKUP_LABEL + 1];
};
struct backup_keep backup_keep_of(const struct conf *);
/* Would one go, when `newer` is the last one kept? */
bool backup_may_go(const struct backup_base *one, const struct backup_base *newer, const struct backup_keep *,
        int64_t now_ms);
enum err backup_prune(const struct backup *, const struct backup_keep *, int64_t now_ms, unsigned *removed,
        char *why) MUST_CHECK;

#endif
