/* audit_lines.h - the trail as lines of JSON, one thing a line: for the export of a
 * trail and for the list of heads.  docs/audit.md has the members.
 *
 *	{"head":{…}}      opens a batch
 *	{"tomb":{…}}      its entries were removed when their time was over
 *	{"records":"…"}   base64url of up to AUDIT_RECORDS of its records; further lines follow
 *	{"entry":{…}}     an entry of it
 *	{"end":{…}}       the export is whole
 *
 * In a list of heads a line is the head alone. */
#ifndef OPS_AUDIT_LINES_H
#define OPS_AUDIT_LINES_H

#include "store/trail.h"

enum { AUDIT_RECORDS = 512, AUDIT_LINE_MAX = 64 << 20 };

struct audit_end {
	int64_t batches, entries;
	struct str made_by; /* program and version; absent in files of older ones */
	struct instant made_at;
};

enum audit_line_kind {
	LINE_UNSET = 0,
	LINE_HEAD,
	LINE_TOMB,
	LINE_RECORDS,
	LINE_ENTRY,
	LINE_END,
};

/* What one line said; pointers into the arena. */
struct audit_line {
	enum audit_line_kind kind;
	struct trail_head head;
	struct trail_tomb tomb;
	struct blob records;
	struct trail_entry entry;
	struct audit_end end;
};

/* The object without an envelope or a line's end. */
void audit_head_write(struct ctx *, struct buf *, const struct trail_head *);
/* false: it is no head; ctx->why says more. */
bool audit_head_read(struct ctx *, struct str text, struct trail_head *out) MUST_CHECK;

/* Whole lines with their end. */
void audit_line_head(struct ctx *, struct buf *, const struct trail_head *);
void audit_line_tomb(struct ctx *, struct buf *, const struct trail_tomb *);
void audit_line_records(struct buf *, struct blob records);
/* false: a column holds what no entry of ours has, so the line would say something else. */
bool audit_line_entry(struct ctx *, struct buf *, const struct trail_entry *) MUST_CHECK;
void audit_line_end(struct ctx *, struct buf *, const struct audit_end *);
bool audit_line_read(struct ctx *, struct str text, struct audit_line *out) MUST_CHECK;

#endif
