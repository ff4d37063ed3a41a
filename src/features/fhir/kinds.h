/* kinds.h - which resources become part of a chart, and how each is read. */
#ifndef FEATURES_FHIR_KINDS_H
#define FEATURES_FHIR_KINDS_H

#include "features/fhir/words.h"

struct fhir_kind {
	const char *name;          /* resourceType */
	enum fhir_section section; /* where its text stands */
	const char *patient;       /* path of the reference to the patient */
	const char *encounter;     /* path of the reference to the encounter; NULL: never names one */
	const char *times[5];      /* paths of its time, the best first */
	const char *statuses[2];   /* paths where "entered-in-error" may stand */
	const struct fhir_part *parts;
	size_t part_count;
};

/* NULL: not mapped. */
const struct fhir_kind *fhir_kind_find(struct str resource_type);
/* Practitioner, Organization …: read only for their names. */
bool fhir_kind_supports(struct str resource_type);

extern const struct fhir_part fhir_encounter_head[];
extern const size_t fhir_encounter_head_count;
extern const struct fhir_part fhir_patient_extras[];
extern const size_t fhir_patient_extras_count;

#endif
