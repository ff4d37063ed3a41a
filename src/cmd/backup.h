/* backup.h - between the files of plantao backup and plantao restore; those that end in _pg are
 * PostgreSQL's part. */
#ifndef CMD_BACKUP_H
#define CMD_BACKUP_H

#include "cmd/app.h"
#include "ops/backup_proof.h"
#include "ops/pgb.h"

struct backup_wish {
	const char *verb;
	enum pgb_kind kind; /* of run; PGB_UNSET: what is due */
	bool json;
	bool new_key; /* of init: beside backups of a former key too */
};
struct restore_wish {
	const char *into; /* NULL: in place */
	int64_t to_ms;
	bool yes;
};
/* Refused beside backups that a new key would not open, unless new_key. */
int backup_make_key(const struct conf *, bool new_key);
int backup_pg(const struct conf *, const struct backup_wish *);
int restore_pg(struct app *, const struct restore_wish *);
/* Asks whether path may be moved aside. */
bool restore_confirmed(const char *path);
/* path.before-restore-TIME; says so. */
int restore_move_aside(const struct app *, const char *path);

/* On stderr, when it is a terminal. */
void backup_show_progress(const char *what, unsigned done, unsigned of);
void backup_time_text(int64_t ms, char out[static INSTANT_TEXT + 1]);
/* in_full: where there is nothing to compare with, or no key, it fails at once instead of proving less. */
int backup_verify(const struct app *, const struct backup *, bool json, bool in_full);

/* The newest backup as either kind is shown, and what is wrong. */
struct backup_state {
	char newest[BACKUP_LABEL + 1]; /* "": there is none */
	int64_t at_ms, up_to_ms, bytes;
	unsigned segments; /* of the embedded database's log */
};
int backup_status(const struct app *, const struct backup *, const struct backup_state *, bool json);

#endif
