/* import.h - charts into the store, each once, however often they come. */
#ifndef FEATURES_FHIR_IMPORT_H
#define FEATURES_FHIR_IMPORT_H

#include "features/fhir/fhir.h"

struct fhir_import {
	struct id author;  /* whose the records are */
	bool care;         /* put the patients in the author's care */
	const char *route; /* who imports, for the audit trail: "plantao import fhir" */
};

/* One chart in the caller's write transaction; counts into the tally, which the caller
 * adds to his own when the commit has succeeded. ctx acts as the author and reaches the
 * tenant. Patients, encounters and resources that are there already are left alone; new
 * resources of a stored encounter become a new version of its record.
 * On an error the caller rolls back: nothing of the chart is stored. */
enum err fhir_import_chart(
        struct ctx *, const struct fhir_import *, const struct fhir_chart *, struct fhir_tally *) MUST_CHECK;
/* Counts a whole chart as refused, when the rules of patients or records said no. */
void fhir_chart_refused(const struct fhir_chart *, enum fhir_reason, struct fhir_tally *);

#endif
