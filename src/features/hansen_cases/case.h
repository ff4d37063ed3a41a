/* case.h - a case and what happens to it: the structs of this folder alone.
 * A content is the part of a row that rests sealed, as the JSON of its type. */
#ifndef FEATURES_HANSEN_CASES_CASE_H
#define FEATURES_HANSEN_CASES_CASE_H

#include "features/hansen/hansen.h"
#include "features/hansen_cases/hansen_cases.h"
#include "features/hansen_cases/schedule.h"
#include "features/hansen_cases/states.h"
#include "features/hansen_cases/steps.h"

extern const struct type dose_type, assessment_type, reaction_type, adverse_type, state_change_type,
        contact_details_type, contact_exam_type;

/* What stays in the sealed contents. */
struct contact_content {
	struct contact_details *details;
	struct contact_exam *examination;
};
extern const struct type contact_content_type;
struct case_content {
	struct case_findings *findings;
	struct case_computed *computed;
	struct case_notification *notification;
};
extern const struct type case_content_type;

/* ---- sealed contents */
enum err content_pack(struct ctx *, const struct type *, const void *obj, struct str *out) MUST_CHECK;
/* Into a new struct of the type. ERR_INTERNAL: it does not read back. */
enum err content_open(struct ctx *, const struct type *, struct str content, void *out) MUST_CHECK;

/* Grade and sum of six evaluated sites, by the calculator; not set when one is not evaluated or s is NULL. */
enum err disability_compute(
        struct ctx *, const struct case_sites *s, struct opt_int *gif, struct opt_int *omp) MUST_CHECK;

struct case_filter {
	struct id before, patient_id;
	struct str state;
	int64_t limit;
};
enum err case_list(struct ctx *, const struct case_filter *, struct list *out) MUST_CHECK;

/* ---- moving */
/* ERR_STATE: the case's state has no row for this act. */
enum err case_may(struct ctx *, const struct hansen_case *, enum case_act, enum case_state *to) MUST_CHECK;
/* Writes what changed in the case's own row; c->version becomes the next one. ERR_STALE: somebody was faster.
 */
enum err case_store(struct ctx *, struct hansen_case *) MUST_CHECK;
struct course case_course(const struct hansen_case *, int visit_days);
bool case_is_mb(const struct hansen_case *);
/* The day of today in Brasília. */
struct date today_of(const struct ctx *);
/* ERR_INVALID naming the field: after today, or before `from`. */
enum err day_check(struct ctx *, const char *field, struct date day, struct date from) MUST_CHECK;

/* ---- events */
enum err event_add(struct ctx *, const struct hansen_case *, struct id id, const char *kind, int64_t number,
        struct date on, const struct type *, const void *content, struct hansen_event **out) MUST_CHECK;
enum err event_get(struct ctx *, struct id, struct hansen_event **out) MUST_CHECK;
enum err events_of(struct ctx *, struct id case_id, struct list *out) MUST_CHECK;
/* Days of the case's supervised doses, in order. */
enum err dose_days(struct ctx *, struct id case_id, const struct date **days, size_t *count) MUST_CHECK;
/* Takes the last dose back, as the others carry the calendar; *out is what it was. */
enum err dose_remove_last(
        struct ctx *, struct hansen_case *, struct str reason, struct hansen_event **out) MUST_CHECK;
enum err reaction_change(struct ctx *, const struct hansen_event *before, const struct reaction *,
        struct hansen_event **after) MUST_CHECK;
/* No store is asked by these two.  ERR_INVALID: before the diagnosis, not after the dose before, in the
 * future, or early without a reason. */
enum err dose_check(struct ctx *, const struct hansen_case *, const struct dose *) MUST_CHECK;
/* ERR_DISCHARGE_UNMET: the protocol's condition for cure is not met; ctx->invalid names all that lacks.
 * Complete but late: no source says what follows (PCDT 2022 gives the window alone), so a doctor decides,
 * with a reason; outside_window stays set only of such a cure. */
enum err cure_check(struct ctx *, const struct hansen_case *, struct state_change *) MUST_CHECK;
/* By the calculator of abandonment. */
enum err attendance_of(struct ctx *, struct str class, struct date last_seen, struct date day,
        enum attendance *out) MUST_CHECK;
enum err contacts_of(struct ctx *, struct id case_id, struct list *out) MUST_CHECK;

#endif
