/* chart.h - access and portability (LGPD art. 18 II and V): a patient's whole chart in
 * one file that says by itself whether it was changed. */
#ifndef FEATURES_PRIVACY_CHART_H
#define FEATURES_PRIVACY_CHART_H

#include "base/buf.h"
#include "features/hansen_cases/hansen_cases.h"
#include "features/patients/patients.h"
#include "features/privacy/privacy.h"

struct chart_record {
	struct id id, patient_id, doctor_id;
	struct str title, diagnosis, treatment, notes, priority;
	int64_t version;
	struct instant created_at, updated_at, deleted_at;
};
extern const struct type chart_record_type;

struct chart_version {
	struct id id, record_id, patient_id, author_id;
	int64_t version;
	struct str title, diagnosis, treatment, notes, priority;
	struct instant at;
};
extern const struct type chart_version_type;

struct chart_access {
	struct instant at;
	struct str event;
	struct id actor_id;
	struct str role;
	int64_t status;
};
extern const struct type chart_access_type;

struct chart {
	struct str format, made_by; /* "plantao-chart-1"; program and version */
	struct instant made_at;
	struct patient *patient;
	struct list records, versions, consents, accesses;
	struct list hansen_cases; /* struct case_history */
};
extern const struct type chart_type;

/* chart_cases.c: the cases of hanseníase as sections of the page and as entries of the bundle. */
void cases_html(struct buf *, const struct list *histories);
void cases_fhir(struct buf *, const struct list *histories);

enum err chart_read(struct ctx *, struct id patient, struct chart **out) MUST_CHECK;
/* The chart as a page that prints well, in the arena. */
enum err chart_html(struct ctx *, const struct chart *, struct str *out) MUST_CHECK;
/* The chart as a FHIR R4 Bundle (collection). */
enum err chart_fhir(struct ctx *, const struct chart *, struct str *out) MUST_CHECK;

#endif
