/* follow_http.c - the doors of follow-up: doses, assessments, reactions, adverse
 * events, contacts. */
#include "features/hansen_cases/doors.h"

struct dose_remove_query {
	struct str reason;
};
static const struct field remove_fields[] = { FIELD(
	dose_remove_query, reason, .sens = SENS_CLINICAL, .required = true, .min = 1, .max = 500) };
static const struct type remove_type = TYPE(dose_remove_query, remove_fields);

static handler_fn post_dose, delete_dose, post_assessment, post_reaction, get_reaction, put_reaction,
        post_adverse, post_contact, get_contact, put_contact;

#define ADDS CASE_WRITES, .status = 201, .out = &hansen_event_type
static const struct route follow_routes[] = {
	{ POST, "/api/hansen/cases/{id}/doses", post_dose, ADDS, .audit = AUDIT_HANSEN_DOSE,
	        .in = &dose_body_type,
	        .errors = ERRORS(
	                ERR_NOT_FOUND, ERR_STATE, ERR_STALE, ERR_DUPLICATE, ERR_DOSES_COMPLETE, CASE_ERRORS),
	        .summary = "A supervised dose was taken; the calculator proposes it by weight" },
	{ DELETE, "/api/hansen/cases/{id}/doses/last", delete_dose, CASE_WRITES,
	        .audit = AUDIT_HANSEN_DOSE_REMOVED, .query = &remove_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE, ERR_STALE, ERR_TOO_LARGE),
	        .summary = "Take back the last dose, written by mistake" },
	{ POST, "/api/hansen/cases/{id}/assessments", post_assessment, ADDS, .audit = AUDIT_HANSEN_ASSESSED,
	        .in = &assessment_body_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE, ERR_STALE, CASE_ERRORS),
	        .summary = "A simplified neurological assessment; grade and sum are computed" },
	{ POST, "/api/hansen/cases/{id}/reactions", post_reaction, ADDS, .audit = AUDIT_HANSEN_REACTION,
	        .in = &reaction_body_type, .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE, ERR_STALE, CASE_ERRORS),
	        .summary = "A reaction; the calculators propose what the protocol has for it" },
	{ GET, "/api/hansen/reactions/{id}", get_reaction, CASE_READS, .audit = AUDIT_HANSEN_CASE_READ,
	        .out = &hansen_event_type, .errors = ERRORS(ERR_NOT_FOUND), .summary = "One reaction" },
	{ PUT, "/api/hansen/reactions/{id}", put_reaction, CASE_WRITES, .audit = AUDIT_HANSEN_REACTION,
	        .in = &reaction_change_type, .out = &hansen_event_type,
	        .errors = ERRORS(
	                ERR_NOT_FOUND, ERR_STALE, ERR_PRECONDITION, ERR_VERSION_CONFLICT, ERR_TOO_LARGE),
	        .summary = "How a reaction was treated, and when it ended" },
	{ POST, "/api/hansen/cases/{id}/adverse-events", post_adverse, ADDS, .audit = AUDIT_HANSEN_ADVERSE,
	        .in = &adverse_body_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE, ERR_STALE, ERR_TOO_LARGE),
	        .summary = "An adverse event of a medicine" },
	{ POST, "/api/hansen/cases/{id}/contacts", post_contact, CASE_WRITES, .audit = AUDIT_HANSEN_CONTACT,
	        .status = 201, .in = &contact_body_type, .out = &hansen_contact_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_STATE, ERR_TOO_LARGE),
	        .summary = "Register a contact: a patient of ours or a name" },
	{ GET, "/api/hansen/contacts/{id}", get_contact, CASE_READS, .audit = AUDIT_HANSEN_CONTACT_READ,
	        .out = &hansen_contact_type, .errors = ERRORS(ERR_NOT_FOUND), .summary = "One contact" },
	{ PUT, "/api/hansen/contacts/{id}", put_contact, CASE_WRITES, .audit = AUDIT_HANSEN_CONTACT,
	        .in = &contact_exam_body_type, .out = &hansen_contact_type,
	        .errors = ERRORS(
	                ERR_NOT_FOUND, ERR_STALE, ERR_PRECONDITION, ERR_VERSION_CONFLICT, CASE_ERRORS),
	        .summary = "A contact's examination; the BCG rule is computed" },
};
const struct routes hansen_follow_route_table = { follow_routes, COUNT(follow_routes) };

static const struct id NEW_ID = { { 0 } };

/* ---- events */

static enum err
reply(struct req *req, const struct hansen_event *before, const struct hansen_event *after)
{
	req_subject(req, after->id, after->patient_id);
	req_change(req, &hansen_event_type, before, after);
	req_version(req, after->version);
	return req_reply(req, after);
}

#define POST_EVENT(name, type)                                                                               \
	static enum err post_##name(struct req *req)                                                         \
	{                                                                                                    \
		struct hansen_event *event;                                                                  \
		struct hansen_case *c;                                                                       \
                                                                                                             \
		TRY(door_case(req, req_id(req, "id"), &c));                                                  \
		TRY(door_refused(req, c,                                                                     \
		        name##_add(req_ctx(req), c, (const struct name *)req_body(req), NEW_ID, &event)));   \
		return reply(req, NULL, event);                                                              \
	}
POST_EVENT(dose, dose)
POST_EVENT(assessment, assessment)
POST_EVENT(reaction, reaction)
POST_EVENT(adverse, adverse)

static enum err
reaction_of(struct req *req, struct hansen_event **out)
{
	struct hansen_event *e;

	TRY(event_get(req_ctx(req), req_id(req, "id"), out));
	e = *out;
	if (!e->reaction)
		return fail(req_ctx(req), ERR_NOT_FOUND, "an event of another kind");
	req_subject(req, e->id, e->patient_id);
	req_version(req, e->version);
	return OK;
}

static enum err
delete_dose(struct req *req)
{
	const struct dose_remove_query *q = req_query(req);
	struct hansen_event *removed;
	struct hansen_case *c;

	TRY(door_case(req, req_id(req, "id"), &c));
	req_reason(req, q->reason);
	TRY(door_refused(req, c, dose_remove_last(req_ctx(req), c, q->reason, &removed)));
	req_subject(req, removed->id, removed->patient_id);
	req_change(req, &hansen_event_type, removed, NULL);
	return OK;
}

static enum err
get_reaction(struct req *req)
{
	struct hansen_event *e;

	TRY(reaction_of(req, &e));
	return req_reply(req, e);
}

static enum err
put_reaction(struct req *req)
{
	const struct reaction *change = req_body(req);
	struct hansen_event *before, *after;

	TRY(reaction_of(req, &before));
	TRY(door_held(req, change->version, before->version));
	TRY(reaction_change(req_ctx(req), before, change, &after));
	return reply(req, before, after);
}

/* ---- contacts */

static enum err
reply_contact(struct req *req, const struct hansen_contact *before, const struct hansen_contact *after)
{
	req_subject(req, after->id, after->patient_id);
	req_change(req, &hansen_contact_type, before, after);
	req_version(req, after->version);
	return req_reply(req, after);
}

static enum err
post_contact(struct req *req)
{
	struct hansen_contact *k;
	struct hansen_case *c;
	char id[ID_TEXT + 1];

	TRY(door_case(req, req_id(req, "id"), &c));
	TRY(door_refused(req, c, contact_add(req_ctx(req), c, req_body(req), NEW_ID, &k)));
	id_print(k->id, id);
	req_location(req, arena_printf(req_ctx(req)->arena, "/api/hansen/contacts/%s", id));
	return reply_contact(req, NULL, k);
}

static enum err
get_contact(struct req *req)
{
	struct hansen_contact *k;

	TRY(contact_get(req_ctx(req), req_id(req, "id"), &k));
	req_subject(req, k->id, k->patient_id);
	req_version(req, k->version);
	return req_reply(req, k);
}

static enum err
put_contact(struct req *req)
{
	const struct contact_exam *exam = req_body(req);
	struct hansen_contact *before, *after;

	TRY(contact_get(req_ctx(req), req_id(req, "id"), &before));
	req_subject(req, before->id, before->patient_id);
	TRY(door_held(req, exam->version, before->version));
	TRY(contact_examine(req_ctx(req), before, exam, &after));
	return reply_contact(req, before, after);
}
