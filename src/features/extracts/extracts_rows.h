/* extracts_rows.h - rows of extracts.sql, and the generalising, for this folder alone. */
#ifndef FEATURES_EXTRACTS_EXTRACTS_ROWS_H
#define FEATURES_EXTRACTS_EXTRACTS_ROWS_H

#include "features/extracts/extracts.h"

struct extract_person {
	struct id id;
	struct date birth_date;
	struct str sex;
};
extern const struct type extract_person_type;

struct extract_visit {
	struct id id, patient_id;
	struct str diagnosis;
	struct instant created_at;
};
extern const struct type extract_visit_type;

/* A patient on the way into an extract. */
struct subject {
	int age;                   /* in years; -1: unknown */
	int sex;                   /* a letter; '?': unknown */
	int year;                  /* of the newest record */
	int diagnosis;             /* a number below values; the same text has the same */
	int band, shown_sex, span; /* of the chosen levels: what stands in the class */
	bool kept;
	size_t source; /* the caller's number of it */
};

enum { AGE_LEVELS = 4, SEX_LEVELS = 2, YEAR_LEVELS = 3, ANY = -2, RARE = -1 };

struct generalised {
	int age, sex, year; /* levels: 0 is the finest */
	int64_t k, l, classes, released;
	int64_t rare; /* diagnoses that fewer than k released patients share */
};

/* Chooses the levels that lose least, sorts the subjects by class and marks who is kept; a
 * diagnosis that would be too rare becomes RARE.  false: nobody can be kept. */
bool generalise(
        struct subject *, size_t n, int values, int64_t k, int64_t l, int *counts, struct generalised *out);

#endif
