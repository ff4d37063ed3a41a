/* migrate.h - forward-only, checksummed migrations compiled in from migrations/.
 * Run at start under a lock; a database that is newer than the program, or whose
 * applied migrations differ from those compiled in, is refused. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/db.h"

struct migration {
	int number;
	const char *name;
	const char *text[ENGINE__MAX];
	unsigned char sha256[32]; /* of the file, both engines' text */
};
extern const struct migration migrations[]; /* generated; ends with number 0 */

/* A row of this number in schema_migration: rows are being moved into the database, and until
 * that has ended (ops/store_move.h) it is refused. */
enum { MIGRATION_MOVING = 999999 };

/* Applies what is missing, each in its own transaction. why: 200 bytes. */
enum err store_migrate(struct store *, int *from, int *to, char *why) MUST_CHECK;
/* How far the database is, and nothing is changed; 0: no program has used it yet.  ERR_STATE
 * with why when it is newer than the program or differs. */
enum err store_version(struct db *, int *version, char *why) MUST_CHECK;
int store_version_newest(void); /* this program's */
/* The same with another list: tests of refusals. */
enum err store_migrate_to(
        struct store *, const struct migration *all, int *from, int *to, char *why) MUST_CHECK;

#endif
