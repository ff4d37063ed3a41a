/* incidents.h - the register of security incidents and its legal clocks (LGPD art. 48,
 * Resolução CD/ANPD 15/2024): 3 business days to communicate, 20 to complement, doubled
 * for small agents; the day of knowledge is not counted. */
#ifndef FEATURES_INCIDENTS_INCIDENTS_H
#define FEATURES_INCIDENTS_INCIDENTS_H

#include "base/type.h"

struct incident {
	struct id id;
	struct str kind, status, opened_by;
	struct str title, description, risk, measures, not_communicated;
	struct id actor_id;
	struct instant occurred_at, known_at;
	bool small_agent, relevant;
	struct date due, complement_due;
	struct instant communicated_at, complemented_at, closed_at;
	int64_t version;
	struct instant created_at, updated_at;
};
extern const struct type incident_type;

struct incident_new {
	struct str kind, title, description;
	struct str opened_by; /* "PERSON" or the name of a watch rule */
	struct str dedup;     /* absent, or what makes a second one of the same a repeat */
	struct id actor;      /* whose acts it is about, when that is known */
	struct instant occurred_at;
	bool small_agent;
};

/* ERR_DUPLICATE: dedup was seen already. */
enum err incident_open(struct ctx *, const struct incident_new *, struct id *out) MUST_CHECK;

#endif
