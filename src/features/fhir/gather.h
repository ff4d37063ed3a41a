/* gather.h - between gathering resources and grouping them into charts. */
#ifndef FEATURES_FHIR_GATHER_H
#define FEATURES_FHIR_GATHER_H

#include "features/fhir/set.h"

struct fhir_entry {
	const struct fhir_resource *r;
	size_t order;
	struct fhir_patient patient; /* key, and what a citation says; the resource is read later */
	struct str record;           /* key of the encounter, "-" for none */
	struct instant at;
};

/* An Encounter names a Condition as its diagnosis, a CarePlan names a Goal: such a
 * one belongs to the same encounter although it does not say so itself. */
struct fhir_claim {
	const struct fhir_resource *what, *by;
};

struct fhir_gathering {
	struct fhir_set *set;
	struct arena *arena;
	struct date today;
	struct fhir_entry *entries;
	size_t count;
	struct fhir_claim *claims;
	size_t claim_count, claim_room;
	struct str *patient_keys; /* of the resources that are Patients */
	const struct fhir_resource *all;
};

#define FHIR_NO_ENCOUNTER ((struct str){ "-", 1 })

/* Fills entries: whose each resource is and in which record it stands; what has
 * no place is counted in the tally. set, arena and today are the caller's. */
enum err fhir_gather(struct fhir_gathering *) MUST_CHECK;
void fhir_count_out(const struct fhir_gathering *, const struct fhir_resource *, enum fhir_reason);
int fhir_str_order(struct str, struct str);

#endif
