/* record.h - one resource as an item, one Encounter as the frame of a record. */
#ifndef FEATURES_FHIR_RECORD_H
#define FEATURES_FHIR_RECORD_H

#include "features/fhir/set.h"

/* When it happened; 0 when it does not say. */
struct instant fhir_resource_at(const struct fhir_resource *);
bool fhir_entered_in_error(const struct fhir_resource *);
/* ERR_TOO_LARGE: the arena is full. patient_key: whose it is. */
enum err fhir_item_read(const struct fhir_set *, struct arena *, const struct fhir_resource *,
        struct str patient_key, struct fhir_item *) MUST_CHECK;
/* Title, reason, head and time of an Encounter; key and items are the caller's. */
enum err fhir_frame_read(const struct fhir_set *, struct arena *, const struct fhir_resource *,
        struct fhir_record *) MUST_CHECK;
/* The key of a resource of this patient; absent for one without id and fullUrl. */
struct str fhir_resource_key(struct arena *, const struct fhir_resource *, struct str patient_key);

#endif
