/* audit_write.h - the one writer of the audit trail.  Every request that touches
 * a person's data makes exactly one entry, in the transaction of what it did. */
#ifndef HTTP_AUDIT_WRITE_H
#define HTTP_AUDIT_WRITE_H

#include "http/route.h"
#include "store/db.h"

/* What is known of one act; absent members stay absent. */
struct audit_note {
	enum audit event;
	struct id subject, patient;
	int status;        /* HTTP status of the answer; commands: 200 or 500 */
	const char *route; /* "GET /api/patients/{id}" or the command's name */
	const char *request_id;
	struct str address;
	struct str reason; /* a person's words: sealed */
	const struct type *change_type;
	const void *before, *after; /* of change_type: sealed with the patient's key */
	const struct id *shown;
	unsigned shown_count;
};

struct audit_add_in; /* a row ready to insert */

const char *audit_event(enum audit);              /* "record.read" */
const char *audit_text(enum audit, bool english); /* for people */
/* Makes the row in ctx's arena, sealing what must be sealed; inside a transaction, since a key may have to be
 * read. */
enum err audit_prepare(struct ctx *, const struct audit_note *, struct audit_add_in *out) MUST_CHECK;
/* Adds n prepared rows in the current write transaction. */
enum err audit_add_rows(struct ctx *, const struct audit_add_in *rows, size_t n) MUST_CHECK;
/* Both, for commands and jobs. */
enum err audit_note_add(struct ctx *, const struct audit_note *) MUST_CHECK;
enum err audit_notes_add(struct ctx *, const struct audit_note *, size_t n) MUST_CHECK;

#endif
