/* volume.h - a demo store of any size, for measurements and for trying the screens
 * with many rows.  Deterministic but for ids and keys. */
#ifndef FEATURES_DEMO_VOLUME_H
#define FEATURES_DEMO_VOLUME_H

#include "base/type.h"

struct volume {
	unsigned doctors, patients, records;
	unsigned patients_done, records_done; /* moved on by each step */
	struct id *doctor_ids, *patient_ids;  /* arrays of the caller's, doctors and patients long */
	struct id *record_ids;                /* records long */
};

struct volume_record {
	struct id id, patient_id;
};
extern const struct type volume_record_type;

/* In the caller's write transaction, ctx in a demo tenant with an actor: the doctors. */
enum err volume_doctors(struct ctx *, struct volume *) MUST_CHECK;
/* Up to n more patients, then records; call again in a new transaction until all are done.
 * Patient i is in the care of doctor i % doctors; record i is of patient i % patients. */
enum err volume_step(struct ctx *, struct volume *, unsigned n) MUST_CHECK;
/* In a write transaction, ctx acting as one of the demo tenant who reaches all of it: n entries of the audit
 * trail, as readings of its newest records leave them. */
enum err volume_entries(struct ctx *, unsigned n) MUST_CHECK;
static inline bool
volume_done(const struct volume *v)
{
	return v->records_done == v->records;
}

#endif
