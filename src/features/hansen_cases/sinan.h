/* sinan.h - a case as the fields of the SINAN notification form. */
#ifndef FEATURES_HANSEN_CASES_SINAN_H
#define FEATURES_HANSEN_CASES_SINAN_H

#include "features/hansen_cases/case.h"
#include "features/patients/patients.h"

/* What the fields are read from. */
struct sinan_case {
	struct ctx *ctx;
	const struct hansen_case *c;
	const struct patient *patient;
	int64_t contacts, examined;
};

struct sinan_field {
	struct str field, label, value; /* value absent: not filled in */
	struct str meaning;             /* of a coded one */
	bool needed;
};
enum { SINAN_FIELDS = 35 };

enum sinan_part { SINAN_NOTICE = 1, SINAN_FOLLOW = 2 };

/* All fields of the form; how many of the needed ones of the part lack a value. */
enum err sinan_read(struct ctx *, struct id case_id, struct sinan_case *out) MUST_CHECK;
size_t sinan_fields(const struct sinan_case *, struct sinan_field out[static SINAN_FIELDS]);
bool sinan_is_of(size_t field, enum sinan_part);

/* Whole documents. */
enum err sinan_json(struct ctx *, const struct sinan_case *, struct str *out) MUST_CHECK;
enum err sinan_csv(struct ctx *, const struct sinan_case *, struct str *out) MUST_CHECK;
enum err sinan_html(struct ctx *, const struct sinan_case *, struct str *out) MUST_CHECK;

/* What the files follow, and what they do not; pt-BR. */
extern const char sinan_layout[];
/* A cell of a table that a spreadsheet will open: never taken for a formula. */
struct str csv_cell(struct ctx *, struct str);

#endif
