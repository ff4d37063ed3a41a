/* history.c - the cases of one patient as they go into the export of his chart. */
#include "features/hansen_cases/case.h"
#include "features/hansen_cases/codes.h"

enum { CASES_MAX = 100 };

static const struct field mention_fields[] = {
	FIELD(contact_mention, kind, .sens = SENS_CLINICAL),
	FIELD(contact_mention, relation, .sens = SENS_CLINICAL, .nullable_only = true),
	FIELD(contact_mention, examined_on, .sens = SENS_CLINICAL, .nullable_only = true),
};
static const struct type mention_type = TYPE(contact_mention, mention_fields);

static const struct field history_fields[] = {
	FIELD_OBJECT(case_history, item, &hansen_case_type, .sens = SENS_PLAIN),
	FIELD(case_history, events, .sens = SENS_PLAIN, .of = &hansen_event_type),
	FIELD(case_history, contacts, .sens = SENS_PLAIN, .of = &mention_type),
};
const struct type case_history_type = TYPE(case_history, history_fields);

static enum err
mentions_of(struct ctx *ctx, struct id case_id, struct list *out)
{
	struct list rows;
	struct contact_mention *items;

	TRY(contacts_of(ctx, case_id, &rows));
	const struct hansen_contact *k = rows.items;
	items = NEW_ARRAY(ctx, struct contact_mention, rows.count + 1);
	if (!items)
		return fail(ctx, ERR_TOO_LARGE, "no room for contacts");
	for (size_t i = 0; i < rows.count; i++)
		items[i] = (struct contact_mention){ k[i].kind,
			k[i].details ? k[i].details->relation : (struct str){ 0 }, k[i].examined_on };
	*out = (struct list){ items, rows.count };
	return OK;
}

enum err
case_histories(struct ctx *ctx, struct id patient, struct list *out)
{
	struct list cases;
	struct case_history *items;
	struct case_filter f = { .patient_id = patient, .limit = CASES_MAX };

	memset(&f.before, 0xFF, sizeof f.before); /* behind every id: from the newest on */
	TRY(case_list(ctx, &f, &cases));
	struct hansen_case *c = cases.items;
	items = NEW_ARRAY(ctx, struct case_history, cases.count + 1);
	if (!items)
		return fail(ctx, ERR_TOO_LARGE, "no room for cases");
	for (size_t i = 0; i < cases.count; i++) {
		items[i].item = &c[i];
		TRY(events_of(ctx, c[i].id, &items[i].events));
		TRY(mentions_of(ctx, c[i].id, &items[i].contacts));
	}
	*out = (struct list){ items, cases.count };
	return OK;
}

const char *
code_text(const char *set, struct str code)
{
	for (const struct code_set *s = code_sets; s->name; s++)
		for (size_t i = 0; strcmp(s->name, set) == 0 && i < s->count; i++)
			if (str_is(code, s->codes[i].name))
				return s->codes[i].pt;
	return "";
}

const char *
case_state_text(struct str state)
{
	static const struct {
		const char *name, *pt;
	} rows[] = {
#define STATE(name, active, pt, en) { #name, pt },
#include "features/hansen_cases/states.def"
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		if (str_is(state, rows[i].name))
			return rows[i].pt;
	return "";
}
