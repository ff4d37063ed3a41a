/* prove_rows.h - rows of prove.sql, sealed columns as they rest. */
#ifndef OPS_PROVE_ROWS_H
#define OPS_PROVE_ROWS_H

#include "base/type.h"

struct prove_tenant {
	struct id id;
};
struct prove_number {
	int64_t n;
};
struct prove_chart {
	struct id id;
	int64_t version;
	struct id patient_id, doctor_id;
	struct blob title_sealed, diagnosis_sealed, treatment_sealed, notes_sealed;
	struct str priority;
	struct instant created_at, updated_at;
};
extern const struct type prove_tenant_type, prove_number_type, prove_chart_type;

#endif
