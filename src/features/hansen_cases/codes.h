/* codes.h - the coded values of a case as lists for type rows and as a door for
 * who fills in forms. One row a value, in codes.def. */
#ifndef FEATURES_HANSEN_CASES_CODES_H
#define FEATURES_HANSEN_CASES_CODES_H

#include "base/type.h"

struct code {
	const char *name, *pt, *en;
	int sinan; /* the form's number; 0: not on the form. Of a site: 1 when it has a side */
};
struct code_set {
	const char *name;  /* "clinicalForm": the member that holds it */
	const char *field; /* of the SINAN file, or NULL */
	const struct code *codes;
	size_t count;
};
/* Ends with name == NULL. */
extern const struct code_set code_sets[];

/* NULL-terminated names for .one_of. */
extern const char *const form_names[],
        *const class_names[],
                *const entry_names[],
                        *const detection_names[],
                                *const smear_names[],
                                        *const regimen_names[],
                                                *const discharge_names[],
                                                        *const reaction_names[],
                                                                *const race_names[],
                                                                        *const assessment_names[],
                                                                                *const nerve_names[],
                                                                                        *const side_names[],
                                                                                                *const site_names[],
                                                                                                        *const contact_names[],
                                                                                                                *const examination_names[],
                                                                                                                        *const bcg_stop_names[],
                                                                                                                                *const drug_names[],
                                                                                                                                        *const severity_names[],
                                                                                                                                                *const answer_names
                                                                                                                                                        [];

/* The value of a set; NULL when it has no such. */
const struct code *code_find(const char *set, struct str name);
/* Its number on the SINAN form; 0 when the value is absent. */
int code_sinan(const char *set, struct str name);
bool site_has_side(struct str site);

#endif
