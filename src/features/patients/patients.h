/* patients.h - what other features may ask of the patient register. */
#ifndef FEATURES_PATIENTS_PATIENTS_H
#define FEATURES_PATIENTS_PATIENTS_H

#include "base/type.h"
#include "http/names.h"

struct patient {
	struct id id;
	struct str name;
	struct date birth_date;
	struct str sex;      /* F, M, I (ignorado or intersexo), as in SINAN */
	struct str cpf, cns; /* digits alone */
	struct str mother_name, phone, email, address;
	struct str identifiers; /* JSON: [{system, value, verified}] kept from an import */
	struct str source;      /* "fhir" for imported ones; absent for typed ones */
	int64_t version;
	struct instant created_at, updated_at, deleted_at;
};
extern const struct type patient_type;

/* What may be typed; version only when correcting. */
struct patient_body {
	struct str name;
	struct date birth_date;
	struct str sex, cpf, cns, mother_name, phone, email, address;
	int64_t version;
};
extern const struct type patient_body_type;

/* ERR_NOT_FOUND also when it is out of the actor's reach. */
enum err patient_get(struct ctx *, struct id, bool deleted, struct patient **out) MUST_CHECK;
/* Is the patient within the actor's reach (and not removed)?  ERR_NOT_FOUND otherwise. */
enum err patient_reach(struct ctx *, struct id) MUST_CHECK;
/* Names of patients within the actor's reach, for names_fill; who was put aside has one for
 * those who reach the whole tenant alone, as his registration does. */
names_fn patient_names;
partial_fn patient_name_part; /* "Maria ***" */
/* Registers one with its data key and search tokens. An import may give neither
 * CPF nor CNS and passes identifiers (JSON) and source; doors pass absent ones.
 * ERR_DUPLICATE: the CPF or CNS is registered already. out->id is made here unless given. */
struct patient_new {
	const struct patient_body *body;
	struct id id; /* absent: a new one */
	struct str identifiers, source;
	bool imported; /* neither CPF nor CNS is fine */
};
enum err patient_add(struct ctx *, const struct patient_new *, struct patient **out) MUST_CHECK;
enum err patient_by_cpf(
        struct ctx *, struct str cpf, struct id *out) MUST_CHECK; /* tenant-wide; for imports */
enum err patient_by_cns(struct ctx *, struct str cns, struct id *out) MUST_CHECK;

/* For databases made before the seen part of names was indexed: is that due, one page of
 * it (patients older than *before, which moves on), and taking note that it was done. */
enum err patient_shown_due(struct ctx *, bool *out) MUST_CHECK;
enum err patient_index_shown(struct ctx *, struct id *before, bool *more) MUST_CHECK;
enum err patient_shown_done(struct ctx *) MUST_CHECK;

/* kind: "CARE" or "BREAK_GLASS"; until: absent for no end. Repeating it renews. */
enum err care_add(
        struct ctx *, struct id user, struct id patient, const char *kind, struct instant until) MUST_CHECK;
/* ERR_NOT_FOUND: there is no such relation now. */
enum err care_end(struct ctx *, struct id user, struct id patient) MUST_CHECK;

#endif
