/* fhir.h - FHIR R4 documents read into patients and readable charts.  A set holds
 * the resources of one bundle (or all loose files of a command); fhir_charts turns
 * it into neutral structs that know nothing of JSON or of the store. */
#ifndef FEATURES_FHIR_FHIR_H
#define FEATURES_FHIR_FHIR_H

#include "base/json.h"
#include "features/fhir/tally.h"

enum fhir_section {
	FHIR_SECTION_UNSET = 0,
#define SECTION(name, ...) FHIR_##name,
#include "features/fhir/sections.def"
#undef SECTION
	FHIR_SECTION__MAX
};

struct fhir_identifier {
	struct str system, value;
};

struct fhir_patient {
	struct str key; /* the same whenever the same patient comes again */
	bool came;      /* false: cited only; everything but key, cpf and cns is absent */
	struct str name;
	struct date birth_date;
	struct str sex;      /* FHIR's gender: male, female, other, unknown */
	struct str cpf, cns; /* digits, check digits right */
	struct str mother_name, phone, email, address;
	struct list identifiers; /* struct fhir_identifier: all that is not the cpf or cns above */
	struct str extras;       /* readable lines: what a registration has no field for */
};

/* One resource's text inside a record. */
struct fhir_item {
	struct str key;
	struct str kind, id; /* resourceType and id, for the tally; kind absent: not counted */
	enum fhir_section section;
	struct str text; /* one or more lines */
	struct instant at;
	bool known;    /* set by the importer: stands in the stored record already */
	bool left_out; /* set by fhir_record_texts: the field has no room for it */
};

struct fhir_record {
	struct str key; /* of the encounter; "-" for what names none */
	struct str id;  /* of the Encounter resource; absent when it did not come */
	bool encounter; /* it came */
	struct instant at;
	struct str title;
	struct str reason; /* the diagnosis when no Condition came: reason, type or class */
	struct str head;   /* first lines of the notes: who, where, when */
	struct list items; /* struct fhir_item, by time */
};

struct fhir_chart {
	struct fhir_patient patient;
	struct list records; /* struct fhir_record, oldest first; what names no encounter last */
};

/* Longest texts in code points. */
struct fhir_limits {
	size_t diagnosis, treatment, notes;
};

struct fhir_texts {
	struct str title, diagnosis, treatment, notes;
};

struct fhir_set;

/* NULL when there is no memory. The tally outlives the set. */
struct fhir_set *fhir_set_new(struct fhir_tally *);
void fhir_set_free(struct fhir_set *); /* NULL is fine */
/* Reads one document (Bundle or resource) into the set. why (200 bytes): what is
 * wrong with it, never its content; on failure nothing of it was added. */
enum err fhir_set_add(struct fhir_set *, struct str text, char *why) MUST_CHECK;
/* True for bundles that need no other file: every patient that their resources name
 * stands in them, and not patients alone, whose charts may lie elsewhere. */
bool fhir_set_closed(struct fhir_set *);
/* Moves everything into another set; the first is empty afterwards. */
enum err fhir_set_merge(struct fhir_set *into, struct fhir_set *from) MUST_CHECK;
size_t fhir_set_bytes(const struct fhir_set *); /* of the documents' texts */
/* The charts live in the arena and refer to the set's trees; what belongs to none is
 * counted in the tally. today bounds birth dates. */
enum err fhir_charts(struct fhir_set *, struct arena *, struct date today, struct list *charts) MUST_CHECK;

/* The record's texts without known items; more: for a record that is stored already, so
 * without title, reason and what is said of the encounter itself. Items without room
 * are marked left_out, and the text says how many. */
enum err fhir_record_texts(struct arena *, const struct fhir_record *, const struct fhir_limits *, bool more,
        struct fhir_texts *) MUST_CHECK;

/* ---- into the store */

struct fhir_import {
	struct id author;        /* whose the records are */
	const struct id *carers; /* who gets the patients in care */
	size_t carer_count;
	/* Ids by the outside name and the time (0: a patient) instead of random ones; NULL for real imports.
	 */
	struct id (*id_of)(struct instant, struct str key);
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
