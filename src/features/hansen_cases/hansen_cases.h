/* hansen_cases.h - hanseníase cases from diagnosis to discharge, as other features
 * may use them.  What may be done in which state says states.def; every dose is
 * proposed by a calculator, never by this feature.
 *
 * In clear rest the codes and days that surveillance counts; all else is sealed with
 * the patient's key, the names of contacts too. */
#ifndef FEATURES_HANSEN_CASES_HANSEN_CASES_H
#define FEATURES_HANSEN_CASES_HANSEN_CASES_H

#include "base/type.h"

struct calculation;
struct text_item;

/* ---- what was found */
struct case_lesion {
	struct str site, side; /* side: D or E of the paired ones */
	int64_t count;
	struct str note;
};
struct case_sites { /* grade 0 to 2; not set: not evaluated */
	struct opt_int olho_d, olho_e, mao_d, mao_e, pe_d, pe_e;
};
struct smear_site {
	int64_t crosses; /* 0 to 6 */
};
struct case_findings {
	int64_t lesion_count, nerve_count; /* nerves: with documented sensory loss */
	struct list lesions;               /* struct case_lesion, on the body map */
	struct list smear_sites;           /* struct smear_site */
	struct case_sites *disability;
	struct str weight_kg; /* "64.5" */
	bool pregnant, breastfeeding;
	struct str severe_reaction_to, race, notes;
};
/* What the calculators say of it. */
struct case_computed {
	struct str class_by_rule, class_reason, smear_index;
	struct opt_int gif, omp;
	struct list flags; /* struct text_item */
};
struct case_notification {
	struct str sinan_number;
};

/* ---- the case */
struct hansen_case {
	struct id id, patient_id;
	struct str state, unit, municipality;
	struct date diagnosed_on, notified_on;
	struct str entry_mode, detection_mode, clinical_form, initial_class, operational_class, smear,
	        regimen;
	int64_t planned_doses, window_months;
	struct str age_group; /* 0_14, 15_MAIS or IGNORADA, at diagnosis */
	struct opt_int gif_diagnosis, gif_discharge;
	struct date started_on;
	int64_t doses;
	struct date last_dose_on, last_seen_on, last_assessed_on;
	struct str reaction;
	struct date discharged_on;
	struct str discharge;
	struct str content; /* sealed; never leaves as it is */
	int64_t version;
	struct id created_by;
	struct instant created_at, updated_at;
	/* opened from content */
	struct case_findings *findings;
	struct case_computed *computed;
	struct case_notification *notification; /* NULL: not notified */
	struct str patient_name;                /* of listed_case_type, when asked for */
};
extern const struct type hansen_case_type, listed_case_type;

/* Opening one, and correcting it (then without patient_id, with version). */
struct case_body {
	struct id patient_id;
	struct str unit, municipality;
	struct date diagnosed_on;
	struct str entry_mode, detection_mode, clinical_form, smear, operational_class, class_reason, regimen;
	struct opt_int planned_doses, window_months; /* of another regimen alone */
	struct case_findings *findings;
	int64_t version;
};
extern const struct type case_body_type, case_change_type;

/* id: absent makes a new one.  The class is computed; one given must not contradict the rule.
 * ERR_NOT_FOUND: the patient is out of reach; ERR_DUPLICATE: he has an open case; ERR_INVALID. */
enum err case_add(struct ctx *, const struct case_body *, struct id id, struct hansen_case **out) MUST_CHECK;
enum err case_get(struct ctx *, struct id, struct hansen_case **out) MUST_CHECK;
enum err case_correct(struct ctx *, const struct hansen_case *before, const struct case_body *,
        struct hansen_case **after) MUST_CHECK;

/* ---- what happens to it.  Each asks the state table first (ERR_STATE), writes an
 * event and brings the case's row up to date; c is changed in place. */
struct dose {
	struct date taken_on;
	struct str weight_kg;
	struct opt_int self_taken; /* 0 to 27 of the pack given at the dose before */
	struct str early_reason, note;
	struct list flags;            /* struct text_item */
	struct calculation *proposal; /* of pqtu_dose for that weight, as it was that day */
};
struct nerve_finding {
	struct str nerve, side;
	bool thickened, painful, sensory_loss;
	struct opt_int strength; /* 0 to 5 */
};
struct assessment {
	struct date assessed_on;
	struct str reason;
	struct case_sites *sites;
	struct list nerves; /* struct nerve_finding */
	struct str complaints, note;
	struct opt_int gif, omp; /* computed */
};
struct reaction {
	struct date started_on, ended_on;
	struct str type;
	bool neuritis;
	struct str weight_kg, treatment, note;
	/* for the thalidomide gate */
	struct opt_int neutrophils, contraceptive_methods, pregnancy_test_hours;
	struct str reproductive_potential, pregnant, breastfeeding,
	        corticoid;     /* SIM, NAO; absent: not asked */
	struct list proposals; /* struct calculation */
	int64_t version;
};
struct adverse {
	struct date on;
	struct str drug, severity, description, action;
	bool reported; /* to VigiMed */
};
struct state_change {
	struct date on;
	struct str from, to, discharge, reason, destination;
	bool clinical_evaluation, outside_window; /* cure although the doses did not fit the window */
};
struct hansen_event {
	struct id id, case_id, patient_id;
	struct str kind; /* DOSE, ASSESSMENT, REACTION, ADVERSE_EVENT, STATE */
	struct opt_int number;
	struct date on_day, until_day;
	struct str content;
	int64_t version;
	struct id author_id;
	struct instant created_at, updated_at;
	/* opened from content: the one that kind names */
	struct dose *dose;
	struct assessment *assessment;
	struct reaction *reaction;
	struct adverse *adverse_event;
	struct state_change *change;
};
extern const struct type hansen_event_type, dose_body_type, assessment_body_type, reaction_body_type,
        reaction_change_type, adverse_body_type;

enum err dose_add(struct ctx *, struct hansen_case *, const struct dose *, struct id id,
        struct hansen_event **out) MUST_CHECK;
enum err assessment_add(struct ctx *, struct hansen_case *, const struct assessment *, struct id id,
        struct hansen_event **out) MUST_CHECK;
enum err reaction_add(struct ctx *, struct hansen_case *, const struct reaction *, struct id id,
        struct hansen_event **out) MUST_CHECK;
enum err adverse_add(struct ctx *, struct hansen_case *, const struct adverse *, struct id id,
        struct hansen_event **out) MUST_CHECK;
enum err case_notify(struct ctx *, struct hansen_case *, struct date on, struct str sinan_number) MUST_CHECK;
/* discharge: a code of DISCHARGE.  ERR_DISCHARGE_UNMET: ctx->invalid names each condition that lacks. */
enum err case_discharge(struct ctx *, struct hansen_case *, const struct state_change *, struct id id,
        struct hansen_event **out) MUST_CHECK;
enum err case_reopen(struct ctx *, struct hansen_case *, struct date on, struct str reason,
        struct hansen_event **out) MUST_CHECK;

/* ---- contacts */
struct contact_details {
	struct id contact_patient_id; /* absent: only a name */
	struct str kind, name, relation, phone, note;
	struct date birth_date;
};
struct contact_exam {
	struct date examined_on;
	struct str result;
	struct opt_int bcg_scars, age_months; /* both: the BCG rule is computed */
	struct str bcg_contraindication, note;
	bool bcg_given;
	struct calculation *bcg; /* computed */
	int64_t version;
};
struct hansen_contact {
	struct id id, case_id, patient_id, contact_patient_id;
	struct str kind;
	struct date examined_on;
	struct str result, content;
	int64_t version;
	struct id created_by;
	struct instant created_at, updated_at;
	struct contact_details *details;
	struct contact_exam *examination;
};
extern const struct type hansen_contact_type, contact_body_type, contact_exam_body_type;
enum err contact_add(struct ctx *, const struct hansen_case *, const struct contact_details *, struct id id,
        struct hansen_contact **out) MUST_CHECK;
enum err contact_get(struct ctx *, struct id, struct hansen_contact **out) MUST_CHECK;
enum err contact_examine(struct ctx *, const struct hansen_contact *before, const struct contact_exam *,
        struct hansen_contact **after) MUST_CHECK;

/* ---- for the chart's export */
/* Who was examined because of this case: other people's names and findings are not the patient's. */
struct contact_mention {
	struct str kind, relation;
	struct date examined_on;
};
struct case_history {
	struct hansen_case *item;
	struct list events;   /* struct hansen_event, as they happened; those taken back are not among them */
	struct list contacts; /* struct contact_mention */
};
extern const struct type case_history_type;
/* All cases of a patient in the reader's reach: struct case_history, newest first. */
enum err case_histories(struct ctx *, struct id patient, struct list *out) MUST_CHECK;
/* The text of a code in Portuguese: ("clinicalForm", "DIMORFA") is "Dimorfa"; "" when there is none. */
const char *code_text(const char *set, struct str code);
/* Portuguese, of a state's name. */
const char *case_state_text(struct str state);

/* ---- indicators, counted over the whole institution: no person is named */
struct indicator_query {
	struct date from, to; /* both inclusive; the cohorts are those of to's year */
	struct str unit, municipality;
	struct opt_int population,
	        population_0_14; /* of that municipality; not set: rates are not computed */
	bool publish;            /* small cells are left out */
};
struct indicator_item {
	struct str indicator, text;
	struct opt_int numerator, denominator;
	struct str value, band;
	struct list flags; /* struct text_item */
	bool small_cell, suppressed;
	struct str reason; /* why there is no value */
};
struct indicator_report {
	struct date from, to;
	int64_t cohort_year;
	struct str unit, municipality, protocol_version, notice;
	int64_t misdiagnosed_in_cohort;
	struct list items; /* struct indicator_item */
};
extern const struct type indicator_report_type;
enum err indicators_make(
        struct ctx *, const struct indicator_query *, struct indicator_report *out) MUST_CHECK;
/* As a table with a header: one row an indicator. */
enum err indicators_csv(struct ctx *, const struct indicator_report *, struct str *out) MUST_CHECK;

#endif
