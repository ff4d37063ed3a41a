/* records.h - what other features may ask of medical records. */
#ifndef FEATURES_RECORDS_RECORDS_H
#define FEATURES_RECORDS_RECORDS_H

#include "base/type.h"

struct record {
	struct id id, patient_id, doctor_id;
	struct str title, diagnosis, treatment, notes;
	struct str priority; /* CRITICAL, HIGH, NORMAL, LOW */
	int64_t version;
	struct instant created_at, updated_at, deleted_at;
	struct str patient_name, doctor_name; /* of record_shown_type, when asked for */
};
extern const struct type record_type;

struct record_body {
	struct id patient_id;
	struct str title, diagnosis, treatment, notes, priority;
};
extern const struct type record_body_type;

/* Adds a record by ctx's actor to a patient in his reach (ERR_NOT_FOUND otherwise). */
enum err record_add(struct ctx *, const struct record_body *, struct record **out) MUST_CHECK;
/* For imports: by doctor, at a time of the past, from a named source. */
struct record_import {
	struct id id; /* absent: a new one */
	const struct record_body *body;
	struct id doctor;
	struct instant at;
	struct str source;
};
/* at: before 1970 as well; absent: now. It is the record's created_at and its place among the others. */
enum err record_add_imported(struct ctx *, const struct record_import *, struct id *out) MUST_CHECK;
/* More of an imported record came: each text is added below what stands there, as a
 * new version by the same author. ERR_NOT_FOUND: it was removed. */
enum err record_add_more(struct ctx *, const struct record *before, const struct record_body *more,
        struct record **after) MUST_CHECK;
/* The longest texts, in code points. */
enum { RECORD_TITLE_MAX = 200, RECORD_DIAGNOSIS_MAX = 10000, RECORD_TEXT_MAX = 100000 };
enum err record_get(struct ctx *, struct id, bool deleted, struct record **out) MUST_CHECK;

#endif
