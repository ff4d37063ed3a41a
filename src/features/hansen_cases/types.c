/* types.c - a case, its events and contacts as types: in JSON, in SQL and sealed. */
#include "features/hansen_cases/case.h"
#include "features/hansen_cases/codes.h"
#include "features/patients/patients.h"
#include "base/brazil.h"
#include "base/checks.h"

enum { TEXT_MAX = 5000, LINE_MAX = 200 };
#define PLAIN(s, m, ...) FIELD(s, m, .sens = SENS_PLAIN, __VA_ARGS__)
#define CLINICAL(s, m, ...) FIELD(s, m, .sens = SENS_CLINICAL, __VA_ARGS__)

/* ---- findings */

static const struct field lesion_fields[] = {
	CLINICAL(case_lesion, site, .required = true, .one_of = site_names),
	CLINICAL(case_lesion, side, .nullable_only = true, .one_of = side_names,
	        .summary = "D or E, of the paired sites"),
	CLINICAL(case_lesion, count, .required = true, .min = 1, .max = 1000),
	CLINICAL(case_lesion, note, .nullable_only = true, .max = LINE_MAX),
};
static const struct type lesion_type = TYPE(case_lesion, lesion_fields);

#define GRADE(m) CLINICAL(case_sites, m, .nullable_only = true, .min = 0, .max = 2)
static const struct field sites_fields[] = { GRADE(olho_d), GRADE(olho_e), GRADE(mao_d), GRADE(mao_e),
	GRADE(pe_d), GRADE(pe_e) };
static const struct type sites_type = TYPE(case_sites, sites_fields);

static const struct field smear_site_fields[] = { CLINICAL(smear_site, crosses, .min = 0, .max = 6) };
static const struct type smear_site_type = TYPE(smear_site, smear_site_fields, .bare = true);

static const struct field findings_fields[] = {
	CLINICAL(case_findings, lesion_count, .required = true, .min = 0, .max = 1000),
	CLINICAL(case_findings, nerve_count, .min = 0, .max = 30,
	        .summary = "Nerves with documented sensory loss"),
	CLINICAL(case_findings, lesions, .of = &lesion_type, .max = 100, .summary = "On the body map"),
	CLINICAL(case_findings, smear_sites, .of = &smear_site_type, .max = 10,
	        .summary = "Crosses of each site, 0 to 6"),
	FIELD_OBJECT(case_findings, disability, &sites_type, .sens = SENS_CLINICAL, .nullable_only = true,
	        .summary = "Grade of each site; null is not evaluated"),
	CLINICAL(case_findings, weight_kg, .nullable_only = true, .max = 10, .check = check_weight),
	CLINICAL(case_findings, pregnant, ),
	CLINICAL(case_findings, breastfeeding, ),
	CLINICAL(case_findings, severe_reaction_to, .nullable_only = true, .one_of = drug_names),
	FIELD(case_findings, race, .sens = SENS_IDENTITY, .nullable_only = true, .one_of = race_names),
	CLINICAL(case_findings, notes, .nullable_only = true, .max = TEXT_MAX),
};
static const struct type findings_type = TYPE(case_findings, findings_fields);

static const struct field computed_fields[] = {
	CLINICAL(case_computed, class_by_rule, .nullable_only = true,
	        .summary = "PB, MB, REVISAR_MB or SEM_CRITERIO"),
	CLINICAL(case_computed, class_reason, .nullable_only = true, .max = TEXT_MAX,
	        .summary = "Why the class is not simply the rule's"),
	CLINICAL(case_computed, smear_index, .nullable_only = true, .summary = "Mean of the sites"),
	CLINICAL(case_computed, gif, .nullable_only = true, .min = 0, .max = 2),
	CLINICAL(case_computed, omp, .nullable_only = true, .min = 0, .max = 12),
	CLINICAL(case_computed, flags, .of = &text_item_type),
};
static const struct type computed_type = TYPE(case_computed, computed_fields);

static const struct field notification_fields[] = {
	FIELD(case_notification, sinan_number, .sens = SENS_IDENTITY, .nullable_only = true, .max = LINE_MAX),
};
static const struct type notification_type = TYPE(case_notification, notification_fields);

static const struct field content_fields[] = {
	FIELD_OBJECT(case_content, findings, &findings_type, .sens = SENS_CLINICAL),
	FIELD_OBJECT(case_content, computed, &computed_type, .sens = SENS_CLINICAL),
	FIELD_OBJECT(case_content, notification, &notification_type, .sens = SENS_CLINICAL),
};
const struct type case_content_type = TYPE(case_content, content_fields);

/* ---- the case */

static const struct field case_fields[] = {
	PLAIN(hansen_case, id, ),
	PLAIN(hansen_case, patient_id, ),
	PLAIN(hansen_case, state, .one_of = case_state_names),
	PLAIN(hansen_case, unit, .nullable_only = true, .summary = "CNES"),
	FIELD(hansen_case, municipality, .sens = SENS_IDENTITY, .nullable_only = true,
	        .summary = "Of residence, IBGE"),
	PLAIN(hansen_case, diagnosed_on, ),
	PLAIN(hansen_case, notified_on, .nullable_only = true),
	CLINICAL(hansen_case, entry_mode, .one_of = entry_names),
	CLINICAL(hansen_case, detection_mode, .nullable_only = true, .one_of = detection_names),
	CLINICAL(hansen_case, clinical_form, .one_of = form_names),
	CLINICAL(hansen_case, initial_class, .one_of = class_names),
	CLINICAL(hansen_case, operational_class, .one_of = class_names),
	CLINICAL(hansen_case, smear, .one_of = smear_names),
	CLINICAL(hansen_case, regimen, .one_of = regimen_names),
	CLINICAL(hansen_case, planned_doses, ),
	CLINICAL(hansen_case, window_months, ),
	FIELD(hansen_case, age_group, .sens = SENS_IDENTITY, .summary = "0_14, 15_MAIS or IGNORADA"),
	CLINICAL(hansen_case, gif_diagnosis, .nullable_only = true, .summary = "Null: not evaluated"),
	CLINICAL(hansen_case, gif_discharge, .nullable_only = true),
	PLAIN(hansen_case, started_on, .nullable_only = true),
	PLAIN(hansen_case, doses, .summary = "Supervised doses taken"),
	PLAIN(hansen_case, last_dose_on, .nullable_only = true),
	PLAIN(hansen_case, last_seen_on, .nullable_only = true),
	PLAIN(hansen_case, last_assessed_on, .nullable_only = true),
	CLINICAL(hansen_case, reaction, .nullable_only = true, .one_of = reaction_names),
	PLAIN(hansen_case, discharged_on, .nullable_only = true),
	CLINICAL(hansen_case, discharge, .nullable_only = true, .one_of = discharge_names),
	FIELD(hansen_case, content, .sens = SENS_SECRET, .sealed = true, .max = 1000000),
	PLAIN(hansen_case, version, ),
	PLAIN(hansen_case, created_by, ),
	PLAIN(hansen_case, created_at, ),
	PLAIN(hansen_case, updated_at, ),
	FIELD_OBJECT(hansen_case, findings, &findings_type, .sens = SENS_CLINICAL),
	FIELD_OBJECT(hansen_case, computed, &computed_type, .sens = SENS_CLINICAL),
	FIELD_OBJECT(
	        hansen_case, notification, &notification_type, .sens = SENS_CLINICAL, .nullable_only = true),
	FIELD(hansen_case, patient_name, .sens = SENS_IDENTITY, .nullable_only = true,
	        .partial = patient_name_part, .summary = "In a list with names=true"),
};
enum { CASE_READ = COUNT(case_fields) - 1 };
const struct type hansen_case_type = { .name = "hansen_case",
	.size = sizeof(struct hansen_case),
	.fields = case_fields,
	.count = CASE_READ,
	.table = "hansen_case",
	.row_field = "id",
	.key_field = "patient_id",
	.masks = true };
const struct type listed_case_type = { .name = "listed_case",
	.size = sizeof(struct hansen_case),
	.fields = case_fields,
	.count = COUNT(case_fields),
	.table = "hansen_case",
	.row_field = "id",
	.key_field = "patient_id",
	.masks = true };

#define BODY(m, ...) FIELD(case_body, m, __VA_ARGS__)
#define BODY_FIELDS                                                                                          \
	BODY(unit, .sens = SENS_PLAIN, .max = 7, .check = check_cnes, .summary = "CNES, 7 digits"),          \
	        BODY(municipality, .sens = SENS_IDENTITY, .max = 7, .check = check_municipality,             \
	                .summary = "Of residence, IBGE, 7 digits"),                                          \
	        BODY(diagnosed_on, .sens = SENS_PLAIN, .required = true),                                    \
	        BODY(entry_mode, .sens = SENS_CLINICAL, .required = true, .one_of = entry_names),            \
	        BODY(detection_mode, .sens = SENS_CLINICAL, .one_of = detection_names,                       \
	                .summary = "Of new cases alone"),                                                    \
	        BODY(clinical_form, .sens = SENS_CLINICAL, .required = true, .one_of = form_names),          \
	        BODY(smear, .sens = SENS_CLINICAL, .required = true, .one_of = smear_names),                 \
	        BODY(operational_class, .sens = SENS_CLINICAL, .one_of = class_names,                        \
	                .summary = "Absent: as the rule says; in doubt MB"),                                 \
	        BODY(class_reason, .sens = SENS_CLINICAL, .max = TEXT_MAX,                                   \
	                .summary = "Needed where the class is not simply the rule's"),                       \
	        BODY(regimen, .sens = SENS_CLINICAL, .one_of = regimen_names,                                \
	                .summary = "Absent: PQT of the class"),                                              \
	        BODY(planned_doses, .sens = SENS_CLINICAL, .min = 1, .max = SCHEDULE_DOSES_MAX,              \
	                .summary = "Of OUTRO, where the protocol has no course"),                            \
	        BODY(window_months, .sens = SENS_CLINICAL, .min = 1, .max = 60),                             \
	        FIELD_OBJECT(case_body, findings, &findings_type, .sens = SENS_CLINICAL, .required = true)
static const struct field body_fields[] = {
	BODY(patient_id, .sens = SENS_PLAIN, .required = true),
	BODY_FIELDS,
};
const struct type case_body_type = TYPE(case_body, body_fields);

static const struct field change_fields[] = {
	BODY_FIELDS,
	BODY(version, .sens = SENS_PLAIN, .min = 1, .summary = "The version being corrected"),
};
const struct type case_change_type = { .name = "case_change",
	.size = sizeof(struct case_body),
	.fields = change_fields,
	.count = COUNT(change_fields) };

/* ---- events */

#define DOSE(m, ...) CLINICAL(dose, m, __VA_ARGS__)
#define DOSE_TYPED                                                                                           \
	DOSE(taken_on, .required = true),                                                                    \
	        DOSE(weight_kg, .nullable_only = true, .max = 10, .check = check_weight,                     \
	                .summary = "With it the dose is proposed by the calculator"),                        \
	        DOSE(self_taken, .nullable_only = true, .min = 0, .max = 27,                                 \
	                .summary = "Self-administered doses taken of the pack before"),                      \
	        DOSE(early_reason, .nullable_only = true, .max = TEXT_MAX,                                   \
	                .summary = "Needed when it comes before the protocol's interval"),                   \
	        DOSE(note, .nullable_only = true, .max = TEXT_MAX)
static const struct field dose_body_fields[] = { DOSE_TYPED };
const struct type dose_body_type = { .name = "dose_body",
	.size = sizeof(struct dose),
	.fields = dose_body_fields,
	.count = COUNT(dose_body_fields) };
static const struct field dose_fields[] = {
	DOSE_TYPED,
	DOSE(flags, .of = &text_item_type),
	FIELD_OBJECT(dose, proposal, &calculation_type, .sens = SENS_CLINICAL, .nullable_only = true),
};
const struct type dose_type = TYPE(dose, dose_fields);

static const struct field nerve_fields[] = {
	CLINICAL(nerve_finding, nerve, .required = true, .one_of = nerve_names),
	CLINICAL(nerve_finding, side, .required = true, .one_of = side_names),
	CLINICAL(nerve_finding, thickened, ),
	CLINICAL(nerve_finding, painful, ),
	CLINICAL(nerve_finding, sensory_loss, ),
	CLINICAL(nerve_finding, strength, .nullable_only = true, .min = 0, .max = 5),
};
static const struct type nerve_type = TYPE(nerve_finding, nerve_fields);

#define ASSESSED(m, ...) CLINICAL(assessment, m, __VA_ARGS__)
#define ASSESSMENT_TYPED                                                                                     \
	ASSESSED(assessed_on, .required = true),                                                             \
	        ASSESSED(reason, .required = true, .one_of = assessment_names),                              \
	        FIELD_OBJECT(assessment, sites, &sites_type, .sens = SENS_CLINICAL, .nullable_only = true,   \
	                .summary = "Grade of each site; null is not evaluated"),                             \
	        ASSESSED(nerves, .of = &nerve_type, .max = 20),                                              \
	        ASSESSED(complaints, .nullable_only = true, .max = TEXT_MAX),                                \
	        ASSESSED(note, .nullable_only = true, .max = TEXT_MAX)
static const struct field assessment_body_fields[] = { ASSESSMENT_TYPED };
const struct type assessment_body_type = { .name = "assessment_body",
	.size = sizeof(struct assessment),
	.fields = assessment_body_fields,
	.count = COUNT(assessment_body_fields) };
static const struct field assessment_fields[] = {
	ASSESSMENT_TYPED,
	ASSESSED(gif, .nullable_only = true, .min = 0, .max = 2),
	ASSESSED(omp, .nullable_only = true, .min = 0, .max = 12),
};
const struct type assessment_type = TYPE(assessment, assessment_fields);

#define REACTED(m, ...) CLINICAL(reaction, m, __VA_ARGS__)
#define REACTION_TYPED                                                                                       \
	REACTED(type, .required = true, .one_of = reaction_names), REACTED(neuritis, ),                      \
	        REACTED(weight_kg, .nullable_only = true, .max = 10, .check = check_weight),                 \
	        REACTED(neutrophils, .nullable_only = true, .min = 0, .max = 200000, .summary = "/mm³"),     \
	        REACTED(contraceptive_methods, .nullable_only = true, .min = 0, .max = 10),                  \
	        REACTED(pregnancy_test_hours, .nullable_only = true, .min = 0, .max = 10000),                \
	        REACTED(reproductive_potential, .nullable_only = true, .one_of = answer_names),              \
	        REACTED(pregnant, .nullable_only = true, .one_of = answer_names),                            \
	        REACTED(breastfeeding, .nullable_only = true, .one_of = answer_names),                       \
	        REACTED(corticoid, .nullable_only = true, .one_of = answer_names),                           \
	        REACTED(treatment, .nullable_only = true, .max = TEXT_MAX,                                   \
	                .summary = "What the professional decided"),                                         \
	        REACTED(note, .nullable_only = true, .max = TEXT_MAX)
static const struct field reaction_body_fields[] = { REACTED(started_on, .required = true), REACTION_TYPED };
const struct type reaction_body_type = { .name = "reaction_body",
	.size = sizeof(struct reaction),
	.fields = reaction_body_fields,
	.count = COUNT(reaction_body_fields) };
static const struct field reaction_change_fields[] = {
	REACTED(ended_on, ),
	REACTED(treatment, .max = TEXT_MAX),
	REACTED(note, .max = TEXT_MAX),
	FIELD(reaction, version, .sens = SENS_PLAIN, .min = 1),
};
const struct type reaction_change_type = { .name = "reaction_change",
	.size = sizeof(struct reaction),
	.fields = reaction_change_fields,
	.count = COUNT(reaction_change_fields) };
static const struct field reaction_fields[] = {
	REACTED(started_on, ),
	REACTED(ended_on, .nullable_only = true),
	REACTION_TYPED,
	REACTED(proposals, .of = &calculation_type,
	        .summary = "By the calculators, to be decided by a professional"),
};
const struct type reaction_type = TYPE(reaction, reaction_fields);

static const struct field adverse_fields[] = {
	CLINICAL(adverse, on, .required = true),
	CLINICAL(adverse, drug, .required = true, .min = 1, .max = LINE_MAX),
	CLINICAL(adverse, severity, .required = true, .one_of = severity_names),
	CLINICAL(adverse, description, .required = true, .min = 1, .max = TEXT_MAX),
	CLINICAL(adverse, action, .nullable_only = true, .max = TEXT_MAX),
	CLINICAL(adverse, reported, .summary = "To VigiMed"),
};
const struct type adverse_type = TYPE(adverse, adverse_fields);
const struct type adverse_body_type = { .name = "adverse_body",
	.size = sizeof(struct adverse),
	.fields = adverse_fields,
	.count = COUNT(adverse_fields) };

static const struct field state_fields[] = {
	PLAIN(state_change, on, ),
	PLAIN(state_change, from, .one_of = case_state_names),
	PLAIN(state_change, to, .one_of = case_state_names),
	CLINICAL(state_change, discharge, .nullable_only = true, .one_of = discharge_names),
	CLINICAL(state_change, reason, .nullable_only = true, .max = TEXT_MAX),
	CLINICAL(state_change, destination, .nullable_only = true, .max = LINE_MAX),
	CLINICAL(state_change, clinical_evaluation, ),
	CLINICAL(state_change, outside_window,
	        .summary = "Cure by a doctor's decision: the doses did not fit the window"),
};
const struct type state_change_type = TYPE(state_change, state_fields);

static const struct field event_fields[] = {
	PLAIN(hansen_event, id, ),
	PLAIN(hansen_event, case_id, ),
	PLAIN(hansen_event, patient_id, ),
	PLAIN(hansen_event, kind, .summary = "DOSE, ASSESSMENT, REACTION, ADVERSE_EVENT or STATE"),
	PLAIN(hansen_event, number, .nullable_only = true, .summary = "Of a dose"),
	PLAIN(hansen_event, on_day, ),
	PLAIN(hansen_event, until_day, .nullable_only = true, .summary = "When a reaction ended"),
	FIELD(hansen_event, content, .sens = SENS_SECRET, .sealed = true, .max = 1000000),
	PLAIN(hansen_event, version, ),
	PLAIN(hansen_event, author_id, ),
	PLAIN(hansen_event, created_at, ),
	PLAIN(hansen_event, updated_at, ),
	FIELD_OBJECT(hansen_event, dose, &dose_type, .sens = SENS_CLINICAL, .nullable_only = true),
	FIELD_OBJECT(
	        hansen_event, assessment, &assessment_type, .sens = SENS_CLINICAL, .nullable_only = true),
	FIELD_OBJECT(hansen_event, reaction, &reaction_type, .sens = SENS_CLINICAL, .nullable_only = true),
	FIELD_OBJECT(
	        hansen_event, adverse_event, &adverse_type, .sens = SENS_CLINICAL, .nullable_only = true),
	FIELD_OBJECT(hansen_event, change, &state_change_type, .sens = SENS_CLINICAL, .nullable_only = true),
};
const struct type hansen_event_type = TYPE(hansen_event, event_fields, .table = "hansen_event",
        .row_field = "id", .key_field = "patient_id", .masks = true);

/* ---- contacts */

#define SOMEBODY(m, ...) FIELD(contact_details, m, .sens = SENS_IDENTITY, __VA_ARGS__)
#define CONTACT_TYPED                                                                                        \
	FIELD(contact_details, kind, .sens = SENS_CLINICAL, .required = true, .one_of = contact_names),      \
	        SOMEBODY(name, .required = true, .min = 1, .max = LINE_MAX),                                 \
	        SOMEBODY(relation, .nullable_only = true, .max = LINE_MAX),                                  \
	        SOMEBODY(birth_date, .nullable_only = true),                                                 \
	        SOMEBODY(phone, .nullable_only = true, .max = 30, .check = check_phone),                     \
	        FIELD(contact_details, note, .sens = SENS_CLINICAL, .nullable_only = true, .max = TEXT_MAX)
static const struct field contact_body_fields[] = {
	FIELD(contact_details, contact_patient_id, .sens = SENS_PLAIN,
	        .summary = "When it is a patient of ours: name and birth date are then the register's"),
	CONTACT_TYPED,
};
const struct type contact_body_type = { .name = "contact_body",
	.size = sizeof(struct contact_details),
	.fields = contact_body_fields,
	.count = COUNT(contact_body_fields) };
static const struct field contact_details_fields[] = { CONTACT_TYPED };
const struct type contact_details_type = TYPE(contact_details, contact_details_fields);

#define EXAMINED(m, ...) CLINICAL(contact_exam, m, __VA_ARGS__)
#define EXAM_TYPED                                                                                           \
	EXAMINED(examined_on, .required = true),                                                             \
	        EXAMINED(result, .required = true, .one_of = examination_names),                             \
	        EXAMINED(bcg_scars, .nullable_only = true, .min = 0, .max = 10,                              \
	                .summary = "Doses on the card or scars; with the age the BCG rule is computed"),     \
	        EXAMINED(age_months, .nullable_only = true, .min = 0, .max = 1440),                          \
	        EXAMINED(bcg_contraindication, .nullable_only = true, .one_of = bcg_stop_names),             \
	        EXAMINED(bcg_given, ), EXAMINED(note, .nullable_only = true, .max = TEXT_MAX)
static const struct field exam_body_fields[] = {
	EXAM_TYPED,
	FIELD(contact_exam, version, .sens = SENS_PLAIN, .min = 1),
};
const struct type contact_exam_body_type = { .name = "contact_exam_body",
	.size = sizeof(struct contact_exam),
	.fields = exam_body_fields,
	.count = COUNT(exam_body_fields) };
static const struct field exam_fields[] = {
	EXAM_TYPED,
	FIELD_OBJECT(contact_exam, bcg, &calculation_type, .sens = SENS_CLINICAL, .nullable_only = true,
	        .summary = "The BCG rule for this contact"),
};
const struct type contact_exam_type = TYPE(contact_exam, exam_fields);

static const struct field contact_content_fields[] = {
	FIELD_OBJECT(contact_content, details, &contact_details_type, .sens = SENS_CLINICAL),
	FIELD_OBJECT(contact_content, examination, &contact_exam_type, .sens = SENS_CLINICAL),
};
const struct type contact_content_type = TYPE(contact_content, contact_content_fields);

static const struct field contact_fields[] = {
	PLAIN(hansen_contact, id, ),
	PLAIN(hansen_contact, case_id, ),
	PLAIN(hansen_contact, patient_id, .summary = "The case's patient"),
	PLAIN(hansen_contact, contact_patient_id, .nullable_only = true),
	CLINICAL(hansen_contact, kind, .one_of = contact_names),
	CLINICAL(hansen_contact, examined_on, .nullable_only = true),
	CLINICAL(hansen_contact, result, .nullable_only = true, .one_of = examination_names),
	FIELD(hansen_contact, content, .sens = SENS_SECRET, .sealed = true, .max = 1000000),
	PLAIN(hansen_contact, version, ),
	PLAIN(hansen_contact, created_by, ),
	PLAIN(hansen_contact, created_at, ),
	PLAIN(hansen_contact, updated_at, ),
	FIELD_OBJECT(hansen_contact, details, &contact_details_type, .sens = SENS_CLINICAL),
	FIELD_OBJECT(hansen_contact, examination, &contact_exam_type, .sens = SENS_CLINICAL,
	        .nullable_only = true),
};
const struct type hansen_contact_type = TYPE(hansen_contact, contact_fields, .table = "hansen_contact",
        .row_field = "id", .key_field = "patient_id", .masks = true);
