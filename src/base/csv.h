/* csv.h - comma-separated values as RFC 4180 has them: fields between commas,
 * quotes doubled inside quotes, records ended by CRLF or LF.  Reads from
 * anything that gives bytes, one record at a time, and never guesses another
 * separator or character set.  Bytes pass through untouched. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/buf.h"

#include <sys/types.h>

enum csv_result {
	CSV_ROW = 1,
	CSV_END,
	CSV_TOO_LARGE,   /* a record beyond CSV_ROW_MAX bytes or CSV_FIELDS_MAX fields */
	CSV_OPEN_QUOTE,  /* the input ended inside quotes */
	CSV_READ_FAILED, /* the source said so */
};
enum { CSV_FIELDS_MAX = 256, CSV_ROW_MAX = 1 << 20 };

/* Puts up to room bytes at `to`; 0 is the end, below 0 a failure. */
typedef ssize_t csv_read_fn(void *arg, char *to, size_t room);

struct csv {
	csv_read_fn *read;
	void *arg;
	char chunk[8192];
	size_t at, filled; /* the unread part of chunk */
	bool ended, failed;
	struct buf text; /* the record's fields, one behind another */
	size_t ends[CSV_FIELDS_MAX];
	/* Of the record that csv_next gave last: */
	size_t count;   /* fields; a record has at least one */
	size_t line;    /* where it begins, from 1 */
	bool crlf;      /* it ended with CRLF */
	bool blank;     /* nothing between two line ends: one empty, unquoted field */
	bool malformed; /* text behind a closing quote; kept as it stands */
	size_t next_line;
};

void csv_open(struct csv *, csv_read_fn *, void *arg);
/* A source over bytes in memory: arg is a struct str that shrinks from the front. */
csv_read_fn csv_read_bytes;
/* Frees what was read; the struct itself is the caller's. */
void csv_close(struct csv *);
/* Anything but CSV_ROW is the last thing it says. A byte order mark in front of the first record is dropped.
 */
enum csv_result csv_next(struct csv *) MUST_CHECK;
/* Field i of the record, never absent; valid until the next csv_next. */
struct str csv_field(const struct csv *, size_t i);

/* One record: quotes only where they are needed; an absent text is an empty field. */
void csv_write(struct buf *, const struct str *fields, size_t count, bool crlf);

#endif
