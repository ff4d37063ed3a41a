/* import_rows.h - small rows of fhir.sql, for this folder alone. */
#ifndef FEATURES_FHIR_IMPORT_ROWS_H
#define FEATURES_FHIR_IMPORT_ROWS_H

#include "base/type.h"

struct external_target {
	struct id target_id;
};
extern const struct type external_target_type;

#endif
