/* fuzz_fhir.c - any bytes as a FHIR file, packed or plain, up to the texts of its
 * records.  Seeds: tests/data/br-core.
 *
 * What must hold: no crash; a refusal has a reason; texts are UTF-8, without control
 * characters but line breaks, and keep the limits; the count is JSON. */
#include "base/gunzip.h"
#include "features/fhir/fhir.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const struct fhir_limits limits = { 500, 2000, 2000 };

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
clean(struct str s, size_t points)
{
	must(!s.p || (utf8_valid(s.p, s.n) && utf8_length(s) <= points));
	for (size_t i = 0; i < s.n; i++)
		must((unsigned char)s.p[i] >= ' ' || s.p[i] == '\n');
}

static void
read_chart(struct arena *arena, const struct fhir_chart *chart)
{
	struct fhir_record *records = chart->records.items;
	struct fhir_texts t;
	must(chart->patient.key.n > 0 && (!chart->patient.came || chart->patient.name.n > 0));
	clean(chart->patient.name, 200);
	clean(chart->patient.address, 500);
	for (size_t i = 0; i < chart->records.count; i++) {
		must(records[i].key.n > 0);
		must(fhir_record_texts(arena, &records[i], &limits, i % 2, &t) == OK);
		clean(t.title, 200);
		clean(t.diagnosis, limits.diagnosis);
		clean(t.treatment, limits.treatment);
		clean(t.notes, limits.notes);
		must(i % 2 || (t.title.n > 0 && t.diagnosis.n > 0));
	}
}

static void
count_is_json(struct arena *arena, const struct fhir_tally *tally)
{
	const struct json_node *root;
	struct buf b;
	char why[200];
	buf_init(&b, 1 << 20);
	buf_byte(&b, '{');
	fhir_tally_json(&b, tally);
	buf_byte(&b, '}');
	must(json_tree_read(arena, buf_view(&b), &root, why) == OK);
	buf_reset(&b);
	fhir_tally_print(&b, tally, true);
	must(!buf_failed(&b));
	buf_free(&b);
}

static void
charts_of(struct fhir_set *set, const struct fhir_tally *tally)
{
	struct arena *arena = arena_new(64 << 20);
	struct list charts;
	must(arena != NULL);
	(void)fhir_set_closed(set);
	enum err e = fhir_charts(set, arena, (struct date){ 2026, 1, 1 }, &charts);
	must(e == OK || e == ERR_TOO_LARGE);
	for (size_t i = 0; e == OK && i < charts.count; i++)
		read_chart(arena, &((const struct fhir_chart *)charts.items)[i]);
	count_is_json(arena, tally);
	arena_free(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct fhir_tally tally;
	struct str text = { (const char *)data, n };
	struct buf plain;
	char why[200] = "";
	tally = (struct fhir_tally){ 0 };
	buf_init(&plain, 1 << 20);
	struct fhir_set *set = fhir_set_new(&tally);
	must(set != NULL);
	if (gzip_is(text))
		text = gunzip(text, &plain) == OK ? buf_view(&plain) : STR("");
	if (fhir_set_add(set, text, why) == OK)
		charts_of(set, &tally);
	else
		must(why[0] != 0);
	fhir_set_free(set);
	buf_free(&plain);
	return 0;
}
