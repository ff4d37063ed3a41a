/* gather.c - whose each resource is, and in which encounter it happened.  A resource
 * goes where it says it belongs and nowhere else; one that names another patient's
 * encounter stays with its own patient. */
#include "features/fhir/gather.h"
#include "features/fhir/kinds.h"
#include "features/fhir/patient.h"
#include "features/fhir/record.h"

#include <stdlib.h>

void
fhir_count_out(const struct fhir_gathering *g, const struct fhir_resource *r, enum fhir_reason why)
{
	fhir_tally_reason(fhir_set_tally(g->set), r->type, r->id, why);
}

int
fhir_str_order(struct str a, struct str b)
{
	int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

/* ---- which patient */

static enum err
find_patient_key(struct fhir_gathering *g, const struct fhir_resource *r, struct fhir_patient *out)
{
	size_t at = (size_t)(r - g->all);

	if (!g->patient_keys[at].p)
		g->patient_keys[at] = fhir_patient_key(g->arena, r);
	*out = (struct fhir_patient){ .key = g->patient_keys[at] };
	return out->key.p ? OK : ERR_TOO_LARGE;
}

/* FHIR_REASON_UNSET: found. */
static enum err
patient_of(struct fhir_gathering *g, const struct fhir_resource *r, struct fhir_patient *out,
        enum fhir_reason *why)
{
	const struct json_node *reference = fhir_first(r->node, r->kind->patient);
	struct str ref = node_text(node_member(reference, "reference"));
	struct fhir_target target = fhir_resolve(g->set, r->node, ref);

	*why = FHIR_REASON_UNSET;
	if (target.resource && target.resource->patient)
		return find_patient_key(g, target.resource, out);
	bool elsewhere = target.node || (fhir_ref_type(ref).p && !str_is(fhir_ref_type(ref), "Patient"));
	if (!reference || elsewhere)
		*why = FHIR_R_NO_PATIENT;
	else if (!fhir_patient_cited(g->arena, reference, out))
		*why = FHIR_R_PATIENT_UNKNOWN;
	return OK;
}

bool
fhir_set_closed(struct fhir_set *s)
{
	size_t count, charted = 0, patients = 0;

	if (fhir_set_loose(s) || fhir_set_index(s) != OK)
		return false;
	const struct fhir_resource *all = fhir_set_items(s, &count);
	for (size_t i = 0; i < count; i++) {
		patients += all[i].patient;
		if (all[i].dropped || !all[i].kind)
			continue;
		struct str ref = node_text(
		        node_member(fhir_first(all[i].node, all[i].kind->patient), "reference"));
		struct fhir_target target = fhir_resolve(s, all[i].node, ref);
		if (!target.resource || !target.resource->patient)
			return false;
		charted++;
	}
	return charted > 0 || patients == 0;
}

static enum err
gather_one(struct fhir_gathering *g, size_t at)
{
	const struct fhir_resource *r = &g->all[at];
	struct fhir_entry e = { .r = r, .order = at };
	enum fhir_reason why = FHIR_REASON_UNSET;

	if (r->dropped)
		return OK;
	if (r->patient)
		TRY(find_patient_key(g, r, &e.patient));
	else if (!r->kind)
		why = fhir_kind_supports(r->type) ? FHIR_R_SUPPORT : FHIR_R_UNMAPPED;
	else if (fhir_entered_in_error(r))
		why = FHIR_R_ENTERED_IN_ERROR;
	else
		TRY(patient_of(g, r, &e.patient, &why));
	if (why != FHIR_REASON_UNSET) {
		fhir_count_out(g, r, why);
		return OK;
	}
	e.at = r->patient ? (struct instant){ 0 } : fhir_resource_at(r);
	g->entries[g->count++] = e;
	return OK;
}

/* ---- which encounter */

struct claiming {
	struct fhir_gathering *g;
	const struct fhir_resource *by;
};

static void
claim(void *arg, enum fhir_form form, const struct json_node *reference)
{
	struct claiming *c = arg;
	struct fhir_gathering *g = c->g;
	struct str ref = node_text(node_member(reference, "reference"));
	const struct fhir_resource *what = fhir_resolve(g->set, c->by->node, ref).resource;

	(void)form;
	if (what && g->claim_count < g->claim_room)
		g->claims[g->claim_count++] = (struct fhir_claim){ what, c->by };
}

static void
count_claims(void *arg, enum fhir_form form, const struct json_node *reference)
{
	(void)form;
	(void)reference;
	++*(size_t *)arg;
}

static const char *
claim_path(const struct fhir_resource *r)
{
	return str_is(r->type, "Encounter")  ? "diagnosis.condition"
	       : str_is(r->type, "CarePlan") ? "goal"
	                                     : NULL;
}

static int
claim_order(const void *a, const void *b)
{
	const struct fhir_claim *x = a, *y = b;

	if (x->what != y->what)
		return x->what < y->what ? -1 : 1;
	return (x->by > y->by) - (x->by < y->by);
}

static enum err
gather_claims(struct fhir_gathering *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (claim_path(g->entries[i].r))
			fhir_walk(g->entries[i].r->node, claim_path(g->entries[i].r), FORM_REF, count_claims,
			        &g->claim_room);
	g->claims = arena_take_array(g->arena, sizeof *g->claims, g->claim_room + 1);
	if (!g->claims)
		return ERR_TOO_LARGE;
	for (size_t i = 0; i < g->count; i++)
		if (claim_path(g->entries[i].r))
			fhir_walk(g->entries[i].r->node, claim_path(g->entries[i].r), FORM_REF, claim,
			        &(struct claiming){ g, g->entries[i].r });
	qsort(g->claims, g->claim_count, sizeof *g->claims, claim_order);
	return OK;
}

/* Who claims r first, or NULL. */
static const struct fhir_resource *
claimed_by(const struct fhir_gathering *g, const struct fhir_resource *r)
{
	size_t low = 0, high = g->claim_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (g->claims[middle].what < r)
			low = middle + 1;
		else
			high = middle;
	}
	return low < g->claim_count && g->claims[low].what == r ? g->claims[low].by : NULL;
}

static struct str
encounter_ref(const struct fhir_resource *r)
{
	if (!r->kind->encounter)
		return (struct str){ 0 };
	return node_text(node_member(fhir_first(r->node, r->kind->encounter), "reference"));
}

/* The record key for an encounter that did not come: it may have come before. */
static struct str
absent_encounter(struct arena *arena, struct str ref, struct str patient_key)
{
	struct str uuid = fhir_ref_uuid(arena, ref);

	if (uuid.p)
		return fhir_text(arena, "Encounter/%s", uuid.p);
	if (ref.p[0] == '#')
		return FHIR_NO_ENCOUNTER;
	return fhir_text(arena, "%.*s|%.*s", STR_FMT(patient_key), STR_FMT(ref));
}

/* The Encounter resource an entry belongs to, and the reference when that leads nowhere. */
static const struct fhir_resource *
encounter_of(struct fhir_gathering *g, const struct fhir_resource *r, struct str *ref)
{
	const struct fhir_resource *by = claimed_by(g, r);

	*ref = encounter_ref(r);
	if (str_is(r->type, "Encounter"))
		return r;
	if (ref->n == 0 && by && str_is(by->type, "Encounter"))
		return by;
	if (ref->n == 0 && by)
		*ref = encounter_ref(by);
	return ref->n ? fhir_resolve(g->set, r->node, *ref).resource : NULL;
}

static bool
encounter_usable(const struct fhir_resource *r)
{
	return str_is(r->type, "Encounter") && !r->dropped && !fhir_entered_in_error(r);
}

/* Into the encounter's record, if it is one of the same patient. */
static enum err
place_in(struct fhir_gathering *g, struct fhir_entry *e, const struct fhir_resource *encounter)
{
	struct fhir_patient whose = { 0 };
	enum fhir_reason why = FHIR_REASON_UNSET;
	bool usable = encounter_usable(encounter);

	if (usable)
		TRY(patient_of(g, encounter, &whose, &why));
	if (!whose.key.p || !str_eq(whose.key, e->patient.key)) {
		fhir_tally_warn(
		        fhir_set_tally(g->set), usable ? FHIR_W_OTHER_ENCOUNTER : FHIR_W_NO_ENCOUNTER);
		return OK;
	}
	e->record = fhir_resource_key(g->arena, encounter, e->patient.key);
	if (!e->record.p) /* an Encounter without id and fullUrl: nobody can name it */
		e->record = fhir_text(
		        g->arena, "%.*s|Encounter@%lld", STR_FMT(e->patient.key), (long long)e->at.ms);
	return OK;
}

static enum err
place(struct fhir_gathering *g, struct fhir_entry *e)
{
	struct str ref;
	const struct fhir_resource *encounter = encounter_of(g, e->r, &ref);

	e->record = FHIR_NO_ENCOUNTER;
	if (encounter)
		TRY(place_in(g, e, encounter));
	else if (ref.n)
		e->record = absent_encounter(g->arena, ref, e->patient.key);
	return e->record.p ? OK : ERR_TOO_LARGE;
}

enum err
fhir_gather(struct fhir_gathering *g)
{
	size_t n;

	TRY(fhir_set_index(g->set));
	g->all = fhir_set_items(g->set, &n);
	g->entries = arena_take_array(g->arena, sizeof *g->entries, n + 1);
	g->patient_keys = arena_take_array(g->arena, sizeof *g->patient_keys, n + 1);
	if (!g->entries || !g->patient_keys)
		return ERR_TOO_LARGE;
	for (size_t i = 0; i < n; i++)
		TRY(gather_one(g, i));
	TRY(gather_claims(g));
	for (size_t i = 0; i < g->count; i++)
		if (!g->entries[i].r->patient)
			TRY(place(g, &g->entries[i]));
	return OK;
}
