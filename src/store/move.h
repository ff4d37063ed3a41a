/* move.h - rows of the embedded database into an empty PostgreSQL as they rest, in the text
 * format of COPY.  Below the door of statements: it knows tables and bytes, not meanings;
 * the one exception is audit_entry.epoch (trail.sql says why it becomes seq). */
#ifndef STORE_MOVE_H
#define STORE_MOVE_H

#include "base/buf.h"

enum { MOVE_TABLES_MAX = 256, MOVE_NAME = 64, MOVE_COLUMNS = 2048, MOVE_MARK = 128 };

struct move_table {
	char name[MOVE_NAME];
	char columns[MOVE_COLUMNS]; /* a, b, c */
	char order[256];            /* of the primary key */
	int64_t rows;
};
/* Of a set of lines, whatever their order: the sum of their SHA-256. */
struct move_sum {
	uint64_t part[4];
	int64_t rows;
};
void move_sum_add(struct move_sum *, struct str line);
bool move_sum_eq(const struct move_sum *, const struct move_sum *);

/* ---- from: a connection of its own that reads one moment (sqlite_move.c) */
struct move_from;
enum err move_from_open(const char *path, struct move_from **, char *why) MUST_CHECK;
void move_from_close(struct move_from *); /* NULL is fine */
/* What tells this state of this database from any other: a run is resumed on the same alone. */
enum err move_from_mark(struct move_from *, char out[static MOVE_MARK], char *why) MUST_CHECK;
enum err move_from_tables(struct move_from *, struct move_table *, size_t *count, char *why) MUST_CHECK;
/* The table's lines in the key's order, without the first skip ones; each call of next adds
 * one to the buffer, ended by a line feed; *more is false behind the last. */
enum err move_from_rows(struct move_from *, const struct move_table *, int64_t skip, char *why) MUST_CHECK;
enum err move_from_next(struct move_from *, struct buf *line, bool *more, char *why) MUST_CHECK;

/* ---- to (postgres_move.c) */
struct move_to;
enum move_state {
	MOVE_EMPTY,  /* nothing of ours, or tables without rows */
	MOVE_OURS,   /* an earlier run, of the database with the mark */
	MOVE_FILLED, /* in use */
};
enum err move_to_open(const char *url, struct move_to **, char *why) MUST_CHECK;
void move_to_close(struct move_to *); /* NULL is fine */
enum err move_to_state(
        struct move_to *, enum move_state *, char mark[static MOVE_MARK], char *why) MUST_CHECK;
/* The tables are there and hold nothing but what migrations put in, which goes: from now on no
 * server starts on it, until move_to_end. */
enum err move_to_begin(
        struct move_to *, const char *mark, const struct move_table *, size_t count, char *why) MUST_CHECK;
enum err move_to_done(struct move_to *, const struct move_table *, int64_t *rows, char *why) MUST_CHECK;
/* Lines of rows behind the ones that are there; all or none, and known afterwards. */
enum err move_to_add(struct move_to *, const struct move_table *, struct str lines, int64_t rows_then,
        char *why) MUST_CHECK;
enum err move_to_sum(struct move_to *, const struct move_table *, struct move_sum *, char *why) MUST_CHECK;
enum err move_to_end(struct move_to *, char *why) MUST_CHECK;

#endif
