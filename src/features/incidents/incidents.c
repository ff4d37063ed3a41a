/* incidents.c - opening an incident and the law's clocks. */
#include "features/incidents/incidents_rows.h"
#include "features/calc/calc.h"
#include "incidents_sql.h"
#include "sys/crypto.h"

enum { COMMUNICATE_DAYS = 3, COMPLEMENT_DAYS = 20 };

static const struct field incident_fields[] = {
	FIELD(incident, id, .sens = SENS_PLAIN),
	FIELD(incident, kind, .sens = SENS_PLAIN),
	FIELD(incident, status, .sens = SENS_PLAIN),
	FIELD(incident, opened_by, .sens = SENS_PLAIN),
	FIELD(incident, title, .sens = SENS_PLAIN, .sealed = true),
	FIELD(incident, description, .sens = SENS_PLAIN, .sealed = true, .nullable_only = true),
	FIELD(incident, risk, .sens = SENS_PLAIN, .sealed = true, .nullable_only = true),
	FIELD(incident, measures, .sens = SENS_PLAIN, .sealed = true, .nullable_only = true),
	FIELD(incident, not_communicated, .sens = SENS_PLAIN, .sealed = true, .nullable_only = true),
	FIELD(incident, actor_id, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(incident, occurred_at, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(incident, known_at, .sens = SENS_PLAIN),
	FIELD(incident, small_agent, .sens = SENS_PLAIN),
	FIELD(incident, relevant, .sens = SENS_PLAIN),
	FIELD(incident, due, .sens = SENS_PLAIN,
	        .summary = "To the ANPD and the subjects: 3 business days from knowledge"),
	FIELD(incident, complement_due, .sens = SENS_PLAIN),
	FIELD(incident, communicated_at, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(incident, complemented_at, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(incident, closed_at, .sens = SENS_PLAIN, .nullable_only = true),
	FIELD(incident, version, .sens = SENS_PLAIN),
	FIELD(incident, created_at, .sens = SENS_PLAIN),
	FIELD(incident, updated_at, .sens = SENS_PLAIN),
};
const struct type incident_type = TYPE(incident, incident_fields, .table = "incident", .row_field = "id");

static const struct field hit_fields[] = { FIELD(watch_hit, tenant_id), FIELD(watch_hit, actor_id),
	FIELD(watch_hit, n) };
const struct type watch_hit_type = TYPE(watch_hit, hit_fields);

static const struct field affected_fields[] = {
	FIELD(affected, patient_id, .sens = SENS_PLAIN),
	FIELD(affected, first_at, .sens = SENS_PLAIN),
	FIELD(affected, last_at, .sens = SENS_PLAIN),
	FIELD(affected, entries, .sens = SENS_PLAIN),
};
const struct type affected_type = TYPE(affected, affected_fields);

enum err
incident_open(struct ctx *ctx, const struct incident_new *new, struct id *out)
{
	struct date known = instant_date(ctx->now);
	int times = new->small_agent ? 2 : 1;

	*out = id_new(ctx->now);
	return sql_incident_add(
	        ctx, &(struct incident_add_in){ .id = *out,
	                     .kind = new->kind,
	                     .opened_by = new->opened_by,
	                     .dedup = new->dedup,
	                     .title = new->title,
	                     .description = new->description,
	                     .actor_id = new->actor,
	                     .occurred_at = new->occurred_at,
	                     .small_agent = new->small_agent,
	                     .due = business_days_after(known, COMMUNICATE_DAYS * times),
	                     .complement_due = business_days_after(known, COMPLEMENT_DAYS * times) });
}
