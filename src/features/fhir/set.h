/* set.h - inside of a set, for the files of this folder alone. */
#ifndef FEATURES_FHIR_SET_H
#define FEATURES_FHIR_SET_H

#include "features/fhir/fhir.h"

struct fhir_kind;

struct fhir_resource {
	const struct json_node *node;
	struct str type, id, url;     /* url: the entry's fullUrl */
	const struct fhir_kind *kind; /* NULL: not mapped */
	bool patient;                 /* a Patient */
	bool dropped;                 /* a repetition, or entered in error: already counted */
	bool history;                 /* came in a history bundle, newest version first */
};

/* What a reference leads to; both NULL: nowhere. resource is NULL for contained ones. */
struct fhir_target {
	const struct json_node *node;
	const struct fhir_resource *resource;
};

struct arena *fhir_set_arena(struct fhir_set *);
const struct fhir_resource *fhir_set_items(const struct fhir_set *, size_t *count);
bool fhir_set_loose(const struct fhir_set *);
struct fhir_tally *fhir_set_tally(const struct fhir_set *);
/* Sorts the index and drops repetitions; before the first fhir_resolve. */
enum err fhir_set_index(struct fhir_set *) MUST_CHECK;
/* within: the resource whose "#id" references mean its own contained ones; may be NULL. */
struct fhir_target fhir_resolve(const struct fhir_set *, const struct json_node *within, struct str ref);

/* False when the target belongs to another patient than the resource: nothing of it may be told there. */
bool fhir_same_patient(const struct fhir_set *, const struct json_node *resource, struct fhir_target);

/* The UUID a resource or reference goes by, in lower case; absent when it has none. */
struct str fhir_uuid(struct arena *, struct str id, struct str url);
struct str fhir_ref_uuid(struct arena *, struct str ref);
/* "Type" of "…/Type/id"; absent for urn: and "#" references. */
struct str fhir_ref_type(struct str ref);
/* printf into an arena for texts of any length; absent when there is no room. */
struct str fhir_text(struct arena *, const char *fmt, ...) PRINTF(2, 3);

#endif
