/* routes.c - every feature's doors: one line a feature, and the check that no row
 * has a hole. */
#include "http/route.h"

#include <stdio.h>

#define TABLES(X)                                                                                            \
	X(system_route_table)                                                                                \
	X(auth_route_table)                                                                                  \
	X(reset_route_table)                                                                                 \
	X(user_route_table)                                                                                  \
	X(tenant_route_table)                                                                                \
	X(patient_route_table)                                                                               \
	X(record_route_table)                                                                                \
	X(audit_route_table)                                                                                 \
	X(audit_proof_route_table)                                                                           \
	X(glass_route_table)                                                                                 \
	X(privacy_route_table)                                                                               \
	X(protocol_route_table)                                                                              \
	X(calculator_route_table)                                                                            \
	X(hansen_case_route_table)                                                                           \
	X(hansen_follow_route_table)                                                                         \
	X(hansen_report_route_table)                                                                         \
	X(assistant_route_table)                                                                             \
	X(incident_route_table)                                                                              \
	X(chart_route_table)                                                                                 \
	X(extract_route_table)

#define X(table) extern const struct routes table;
TABLES(X)
#undef X

const struct routes *const route_tables[] = {
#define X(table) &table,
	TABLES(X)
#undef X
	        NULL,
};

static bool
is_plain(const struct type *t)
{
	for (size_t i = 0; t && i < t->count; i++)
		if (t->fields[i].sens != SENS_PLAIN || (t->fields[i].of && !is_plain(t->fields[i].of)))
			return false;
	return true;
}

/* A part of the path is somebody's id. */
static bool
names_somebody(const char *path)
{
	for (const char *p = path; (p = strchr(p, '{')); p++) {
		size_t n = strcspn(p, "}");

		if (n < 6 || memcmp(p + n - 5, ":text", 5) != 0)
			return true;
	}
	return false;
}

bool
route_reads(const struct route *r)
{
	return r->method == GET || r->reads;
}

/* A reading of what is public, or one whose rows show that nothing of a person goes in or out. */
static bool
touches_nobody(const struct route *r)
{
	if (r->perm == PERM_PUBLIC)
		return r->method == GET;
	return route_reads(r) && !names_somebody(r->path) && is_plain(r->query) && is_plain(r->in) &&
	       is_plain(r->out);
}

static bool
answers_a_list(const struct route *r)
{
	for (size_t i = 0; r->out && i < r->out->count; i++)
		if (r->out->fields[i].kind == KIND_LIST)
			return true;
	return false;
}

enum shed
route_shed(const struct route *r)
{
	if (r == NULL)
		return SHED_BULK;
	if (r->shed != SHED_UNSET)
		return r->shed;
	if (r->method != GET && !r->reads)
		return SHED_WRITE;
	return r->method == GET && answers_a_list(r) ? SHED_BULK : SHED_READ;
}

static bool
asks_for_words(struct str query)
{
	struct str pair;

	while (str_part(&query, '&', &pair))
		if (str_starts(pair, "q=") && pair.n > 2)
			return true;
	return false;
}

enum lane
route_lane(const struct route *r, struct str query)
{
	if (r == NULL)
		return LANE_FAST;
	if (r->lane != LANE_UNSET)
		return r->lane;
	return r->method == GET && answers_a_list(r) && asks_for_words(query) ? LANE_SEARCH : LANE_FAST;
}

const char *
shed_name(enum shed s)
{
	static const char *const names[SHED__MAX] = {
#define SHED(name, label, ...) [SHED_##name] = label,
#include "http/shed.def"
	};

	return names[s];
}

enum signin
route_signin(const struct route *r)
{
	if (r->signin != SIGNIN_UNSET)
		return r->signin;
	return r->method == GET ? SIGNIN_ANY : perm_signin(r->perm);
}

enum purpose
route_activity(const struct route *r)
{
	static const struct {
		const char *tag;
		enum purpose activity;
	} rows[] = {
#define TAG(name, activity, text) { name, ACTIVITY_##activity },
#include "http/tags.def"
#undef TAG
	};

	if (r->activity != ACTIVITY_UNSET)
		return r->activity;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].tag, r->tag) == 0)
			return rows[i].activity;
	return ACTIVITY_UNSET;
}

const char *
activity_name(enum purpose a)
{
	static const char *const names[ACTIVITY__MAX] = {
#define ACTIVITY(name, ...) [ACTIVITY_##name] = #name,
#include "http/activities.def"
#undef ACTIVITY
	};

	return names[a] ? names[a] : "";
}

static const char *
hole(const struct route *r)
{
	if (r->path == NULL || r->path[0] != '/' || r->handler == NULL || r->summary == NULL ||
	        r->tag == NULL)
		return "path, handler, summary or tag";
	if (r->method == METHOD_UNSET)
		return "method";
	if (r->perm == PERM_UNSET)
		return "permission";
	if (r->audit == AUDIT_UNSET)
		return "audit event";
	if (r->rate == RATE_UNSET)
		return "rate class";
	if (route_activity(r) == ACTIVITY_UNSET ||
	        (r->audit != AUDIT_NONE && route_activity(r) == ACTIVITY_NONE))
		return "activity: its tag must have a row that names the purpose it serves";
	if (r->audit == AUDIT_NONE && !touches_nobody(r))
		return "audit event: only readings that touch nobody's data go unrecorded";
	if (r->lane == LANE_OPEN && (r->perm != PERM_PUBLIC || r->audit != AUDIT_NONE))
		return "lane: what is open to all and leaves no audit entry may use the open lane";
	if (r->out != NULL && r->produces != NULL)
		return "answer: a type or bytes, not both";
	return NULL;
}

static const char *
aged_hole(const struct route *r)
{
	bool fine = route_reads(r) && r->perm != PERM_PUBLIC && !names_somebody(r->path);

	return r->aged && !fine ? "aged: only readings of many, by somebody known, may be a standby's" : NULL;
}

static const char *
signin_hole(const struct route *r)
{
	enum signin least = r->method == GET ? SIGNIN_ANY : perm_signin(r->perm);

	if (least == SIGNIN_UNSET || route_signin(r) < least)
		return "sign-in: its permission must say how recent, and a row asks for no less";
	return NULL;
}

static const char *
type_hole(const struct route *r)
{
	const struct type *types[] = { r->query, r->in, r->out };
	const char *bad;

	for (size_t i = 0; i < COUNT(types); i++)
		if (types[i] != NULL && (bad = type_check(types[i])) != NULL)
			return bad;
	return r->query != NULL && r->query->count > 64 ? "more than 64 query parameters" : NULL;
}

const char *
routes_check(void)
{
	static char why[200];

	for (const struct routes *const *t = route_tables; *t != NULL; t++)
		for (size_t i = 0; i < (*t)->count; i++) {
			const struct route *r = &(*t)->rows[i];
			const char *bad = hole(r);

			if (bad == NULL)
				bad = aged_hole(r);
			if (bad == NULL)
				bad = signin_hole(r);
			if (bad == NULL)
				bad = type_hole(r);
			if (bad != NULL) {
				snprintf(why, sizeof why, "route %s lacks: %s", r->path ? r->path : "?", bad);
				return why;
			}
		}
	return NULL;
}
