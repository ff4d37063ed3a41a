/* chart.c - the gathered resources as charts: a patient, the records of his
 * encounters, and one for what names no encounter. */
#include "features/fhir/gather.h"
#include "features/fhir/patient.h"
#include "features/fhir/record.h"

#include <stdlib.h>

static int
entry_order(const void *a, const void *b)
{
	const struct fhir_entry *x = a, *y = b;
	int c = fhir_str_order(x->patient.key, y->patient.key);

	if (c == 0)
		c = y->r->patient - x->r->patient;
	if (c == 0 && !x->r->patient)
		c = fhir_str_order(x->record, y->record);
	if (c == 0)
		c = str_is(y->r->type, "Encounter") - str_is(x->r->type, "Encounter");
	if (c == 0 && x->at.ms != y->at.ms) /* without a time: last */
		c = x->at.ms && (x->at.ms < y->at.ms || !y->at.ms) ? -1 : 1;
	return c ? c : (x->order > y->order) - (x->order < y->order);
}

static int
record_order(const void *a, const void *b)
{
	const struct fhir_record *x = a, *y = b;
	bool x_last = str_eq(x->key, FHIR_NO_ENCOUNTER), y_last = str_eq(y->key, FHIR_NO_ENCOUNTER);

	if (x_last != y_last)
		return x_last - y_last;
	if (x->at.ms != y->at.ms)
		return x->at.ms < y->at.ms ? -1 : 1;
	return fhir_str_order(x->key, y->key);
}

/* n entries of one record, its Encounter first if it came. */
static enum err
read_record(struct fhir_gathering *g, const struct fhir_entry *e, size_t n, struct fhir_record *out)
{
	struct fhir_item *items = arena_take_array(g->arena, sizeof *items, n + 1);
	bool framed = str_is(e->r->type, "Encounter");

	*out = (struct fhir_record){ .key = e->record };
	if (!items)
		return ERR_TOO_LARGE;
	if (framed)
		TRY(fhir_frame_read(g->set, g->arena, e->r, out));
	for (size_t i = 0; i < n && !(framed && out->at.ms); i++) /* the latest of what it holds */
		if (e[i].at.ms && (e[i].at.ms > out->at.ms || !out->at.ms))
			out->at = e[i].at;
	out->items.items = items;
	for (size_t i = framed; i < n; i++) {
		if (str_is(e[i].r->type, "Encounter")) {
			fhir_count_out(g, e[i].r, FHIR_R_REPEATED);
			continue;
		}
		TRY(fhir_item_read(g->set, g->arena, e[i].r, e->patient.key, &items[out->items.count++]));
	}
	if (framed)
		return OK;
	out->title = STR("Dados importados sem atendimento");
	out->reason = STR("Sem diagnóstico informado: dados importados que não citam atendimento");
	out->head = STR("");
	return OK;
}

/* What a registration has no field for goes to the record without encounter, or
 * else to the latest one: it never makes a record by itself. */
static enum err
place_extras(struct fhir_gathering *g, struct fhir_chart *chart)
{
	struct fhir_record *records = chart->records.items;

	if (chart->patient.extras.n == 0)
		return OK;
	if (chart->records.count == 0) {
		fhir_tally_warn(fhir_set_tally(g->set), FHIR_W_NO_CHART);
		return OK;
	}
	struct fhir_record *last = &records[chart->records.count - 1];
	struct fhir_item *items = last->items.items; /* read_record left room for one more */
	items[last->items.count++] = (struct fhir_item){
		.key = fhir_text(g->arena, "%.*s|registration", STR_FMT(chart->patient.key)),
		.section = FHIR_REGISTRATION,
		.text = chart->patient.extras,
	};
	return items[last->items.count - 1].key.p ? OK : ERR_TOO_LARGE;
}

static enum err
read_chart(struct fhir_gathering *g, const struct fhir_entry *e, size_t n, struct fhir_chart *out)
{
	size_t i = 0;

	out->patient = e->patient;
	if (e->r->patient)
		TRY(fhir_patient_read(g->set, g->arena, e->r, g->today, &out->patient));
	for (; i < n && e[i].r->patient; i++)
		if (i > 0)
			fhir_count_out(g, e[i].r, FHIR_R_REPEATED);
	struct fhir_record *records = arena_take_array(g->arena, sizeof *records, n - i + 1);
	if (!records)
		return ERR_TOO_LARGE;
	out->records.items = records;
	while (i < n) {
		size_t end = i + 1;
		while (end < n && str_eq(e[end].record, e[i].record))
			end++;
		TRY(read_record(g, e + i, end - i, &records[out->records.count++]));
		i = end;
	}
	qsort(records, out->records.count, sizeof *records, record_order);
	return place_extras(g, out);
}

struct run {
	size_t first, count, order;
};

static int
run_order(const void *a, const void *b)
{
	const struct run *x = a, *y = b;

	return (x->order > y->order) - (x->order < y->order);
}

/* The entries of each patient, patients in the order they came. */
static struct run *
patient_runs(struct fhir_gathering *g, size_t *count)
{
	struct run *runs = arena_take_array(g->arena, sizeof *runs, g->count + 1);

	*count = 0;
	for (size_t i = 0; runs && i < g->count; i++) {
		bool same = i > 0 && str_eq(g->entries[i].patient.key, g->entries[i - 1].patient.key);
		if (!same)
			runs[(*count)++] = (struct run){ i, 0, SIZE_MAX };
		struct run *run = &runs[*count - 1];
		run->count++;
		if (g->entries[i].order < run->order)
			run->order = g->entries[i].order;
	}
	if (runs)
		qsort(runs, *count, sizeof *runs, run_order);
	return runs;
}

enum err
fhir_charts(struct fhir_set *set, struct arena *arena, struct date today, struct list *charts)
{
	struct fhir_gathering g = { .set = set, .arena = arena, .today = today };
	size_t count;

	TRY(fhir_gather(&g));
	qsort(g.entries, g.count, sizeof *g.entries, entry_order);
	struct run *runs = patient_runs(&g, &count);
	struct fhir_chart *out = arena_take_array(arena, sizeof *out, count + 1);
	if (!runs || !out)
		return ERR_TOO_LARGE;
	for (size_t i = 0; i < count; i++)
		TRY(read_chart(&g, g.entries + runs[i].first, runs[i].count, &out[i]));
	*charts = (struct list){ out, count };
	return OK;
}
