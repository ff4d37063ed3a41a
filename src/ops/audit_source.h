/* audit_source.h - where a trail to be verified comes from: a store (live, or a
 * backup's database) or an export.  Batches in their order, and for each its entries
 * in theirs; memory holds a page of either. */
#ifndef OPS_AUDIT_SOURCE_H
#define OPS_AUDIT_SOURCE_H

#include "store/trail.h"

struct source_batch {
	struct trail_head head; /* number 0: there is no further batch */
	struct trail_tomb tomb;
	struct blob records; /* until the next batch is asked for */
	bool damaged;        /* a column has a length that no head has */
};

struct audit_source;
struct audit_source_ops {
	/* ERR_MALFORMED: what comes next cannot be read as part of a trail. */
	enum err (*next_batch)(struct audit_source *, struct source_batch *out);
	/* The next entry of the batch given last, then NULL; behind the last batch, what no
	 * batch has. ERR_MALFORMED: it cannot be read. */
	enum err (*peek)(struct audit_source *, const struct trail_entry **out);
	void (*taken)(struct audit_source *);
	/* The number of the entry that could not be read; 0: unknown. */
	int64_t (*stuck_seq)(struct audit_source *);
	/* Entries at and beyond it may still wait for the end of other transactions. */
	enum err (*horizon)(struct audit_source *, int64_t *out);
	void (*close)(struct audit_source *);
};

struct audit_source {
	const struct audit_source_ops *ops;
	enum engine engine; /* what orders the entries; of an export, PostgreSQL's order serves both */
	struct ctx ctx;     /* its arena is the source's; why says what failed */
	bool files;         /* an export: findings name lines, and it must have an end */
	int64_t line;       /* of the export, read last */
	bool ended;         /* the export said that it is whole */
};

/* since: from the first batch sealed at or after it; before gets the head it builds on. */
enum err audit_source_store(struct store *, struct instant since, struct audit_source **out,
        struct source_batch *before, char *why) MUST_CHECK;
enum err audit_source_export(const char *path, struct audit_source **out, char *why) MUST_CHECK;
void audit_source_close(struct audit_source *); /* NULL is fine */

#endif
