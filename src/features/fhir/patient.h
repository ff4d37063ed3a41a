/* patient.h - a Patient resource, or a mere reference to one, as registration data. */
#ifndef FEATURES_FHIR_PATIENT_H
#define FEATURES_FHIR_PATIENT_H

#include "features/fhir/set.h"

/* today bounds the birth date. ERR_TOO_LARGE: the arena is full. */
enum err fhir_patient_read(struct fhir_set *, struct arena *, const struct fhir_resource *, struct date today,
        struct fhir_patient *) MUST_CHECK;
/* Who a reference to nobody in the set means: a UUID, or a CPF or CNS in
 * reference.identifier.  false: it cannot be told. */
bool fhir_patient_cited(struct arena *, const struct json_node *reference, struct fhir_patient *);
/* The key of a Patient resource; absent when there is no room. */
struct str fhir_patient_key(struct arena *, const struct fhir_resource *);

#endif
