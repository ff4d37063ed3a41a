/* records_rows.h - small rows of records.sql and rules for this folder alone. */
#ifndef FEATURES_RECORDS_RECORDS_ROWS_H
#define FEATURES_RECORDS_RECORDS_ROWS_H

#include "features/records/records.h"

/* What the doors answer: with the names that stand beside the ids, or without. */
extern const struct type record_shown_type;
enum err record_add_names(struct ctx *, struct list *records) MUST_CHECK;

struct record_version {
	struct id id, record_id, patient_id, author_id;
	int64_t version;
	struct str title, diagnosis, treatment, notes, priority;
	struct instant at;
};
extern const struct type record_version_type;

struct record_change {
	struct str title, diagnosis, treatment, notes, priority;
	int64_t version;
};
extern const struct type record_change_type;

enum err record_correct(struct ctx *, const struct record *before, const struct record_change *,
        struct record **after) MUST_CHECK;
enum err record_set_removed(struct ctx *, const struct record *before, bool removed, struct str reason,
        struct record **after) MUST_CHECK;

/* Up to this many words of a search are used; the rest must not be there. */
enum { RECORD_SEARCH_WORDS = 6 };
struct record_filter {
	struct id patient_id, doctor_id, before;
	struct str priority, q;
	struct instant from, to;
	bool deleted;
	int64_t limit;
};
enum err record_list(struct ctx *, const struct record_filter *, struct list *out) MUST_CHECK;
enum err record_versions(struct ctx *, struct id record, struct list *out) MUST_CHECK;

#endif
