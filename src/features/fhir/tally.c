/* tally.c - counting, and the two ways to show the count. */
#include "features/fhir/tally.h"
#include "base/json.h"

#include <ctype.h>
#include <stdio.h>

enum fate { SKIPPED, REJECTED };

static const struct {
	const char *code;
	enum fate fate;
	const char *pt, *en;
} reasons[FHIR_REASON__MAX] = {
#define REASON(name, fate, pt, en) [FHIR_R_##name] = { #name, fate, pt, en },
#include "features/fhir/reasons.def"
#undef REASON
};

static const struct {
	const char *code, *pt, *en;
} warnings[FHIR_WARNING__MAX] = {
#define WARNING(name, pt, en) [FHIR_W_##name] = { #name, pt, en },
#include "features/fhir/warnings.def"
#undef WARNING
};

/* Kinds and ids come from the file: only what is harmless on a terminal is kept. */
static void
copy_name(char *out, size_t room, struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n + 1 < room; i++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): n bytes stand at p */
		unsigned char c = (unsigned char)s.p[i];
		out[n++] = isalnum(c) || (c && strchr("-._:/()", c)) ? (char)c : '?';
	}
	out[n] = '\0';
}

struct fhir_tally_row *
fhir_tally_row(struct fhir_tally *t, struct str kind)
{
	char name[FHIR_KIND_NAME];

	copy_name(name, sizeof name, kind.n ? kind : STR("?"));
	for (size_t i = 0; i < t->count; i++)
		if (strcmp(t->rows[i].kind, name) == 0)
			return &t->rows[i];
	if (t->count == FHIR_KINDS_MAX)
		return &t->rows[FHIR_KINDS_MAX - 1];
	struct fhir_tally_row *row = &t->rows[t->count++];
	copy_name(row->kind, sizeof row->kind, t->count == FHIR_KINDS_MAX ? STR("(...)") : str_of(name));
	return row;
}

bool
fhir_reason_rejects(enum fhir_reason r)
{
	return reasons[r].fate == REJECTED;
}

void
fhir_tally_reason(struct fhir_tally *t, struct str kind, struct str id, enum fhir_reason why)
{
	struct fhir_tally_row *row = fhir_tally_row(t, kind);

	row->reasons[why]++;
	if (!fhir_reason_rejects(why) || t->reject_count == FHIR_REJECTS_MAX)
		return;
	memcpy(t->rejects[t->reject_count].kind, row->kind, FHIR_KIND_NAME);
	copy_name(t->rejects[t->reject_count].id, FHIR_REJECT_ID, id);
	t->rejects[t->reject_count++].reason = why;
}

void
fhir_tally_warn(struct fhir_tally *t, enum fhir_warning w)
{
	t->warnings[w]++;
}

static int64_t
sum(const struct fhir_tally_row *row, enum fate fate)
{
	int64_t n = 0;

	for (size_t i = 1; i < FHIR_REASON__MAX; i++)
		if (reasons[i].fate == fate)
			n += row->reasons[i];
	return n;
}

int64_t
fhir_tally_skipped(const struct fhir_tally_row *row)
{
	return sum(row, SKIPPED);
}

int64_t
fhir_tally_rejected(const struct fhir_tally_row *row)
{
	return sum(row, REJECTED);
}

int64_t
fhir_tally_all_rejected(const struct fhir_tally *t)
{
	int64_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		n += fhir_tally_rejected(&t->rows[i]);
	return n;
}

void
fhir_tally_add(struct fhir_tally *a, const struct fhir_tally *b)
{
	for (size_t i = 0; i < b->count; i++) {
		struct fhir_tally_row *row = fhir_tally_row(a, str_of(b->rows[i].kind));
		row->created += b->rows[i].created;
		row->updated += b->rows[i].updated;
		for (size_t k = 0; k < FHIR_REASON__MAX; k++)
			row->reasons[k] += b->rows[i].reasons[k];
	}
	for (size_t i = 0; i < FHIR_WARNING__MAX; i++)
		a->warnings[i] += b->warnings[i];
	a->records_created += b->records_created;
	a->records_updated += b->records_updated;
	for (size_t i = 0; i < b->reject_count && a->reject_count < FHIR_REJECTS_MAX; i++)
		a->rejects[a->reject_count++] = b->rejects[i];
}

/* ---- for a person */

static void
print_row(struct buf *b, const struct fhir_tally_row *row)
{
	buf_printf(b, "%-28s %9lld %9lld %9lld %9lld\n", row->kind, (long long)row->created,
	        (long long)row->updated, (long long)fhir_tally_skipped(row),
	        (long long)fhir_tally_rejected(row));
}

static void
print_reasons(struct buf *b, const struct fhir_tally *t, bool english)
{
	for (size_t r = 1; r < FHIR_REASON__MAX; r++) {
		const char *join = "";
		for (size_t i = 0; i < t->count; i++) {
			if (t->rows[i].reasons[r] == 0)
				continue;
			if (!*join)
				buf_printf(b, "  %s: ", english ? reasons[r].en : reasons[r].pt);
			buf_printf(b, "%s%s %lld", join, t->rows[i].kind, (long long)t->rows[i].reasons[r]);
			join = ", ";
		}
		buf_text(b, *join ? "\n" : "");
	}
}

static void
print_warnings(struct buf *b, const struct fhir_tally *t, bool english)
{
	for (size_t i = 1; i < FHIR_WARNING__MAX; i++)
		if (t->warnings[i])
			buf_printf(b, "  %s: %lld\n", english ? warnings[i].en : warnings[i].pt,
			        (long long)t->warnings[i]);
}

void
fhir_tally_print(struct buf *b, const struct fhir_tally *t, bool english)
{
	static const char *const columns[2][5] = {
		{ "tipo", "criados", "somados", "pulados", "recusados" },
		{ "kind", "created", "added", "skipped", "rejected" },
	};
	const char *const *c = columns[english];

	buf_printf(b, "%-28s %9s %9s %9s %9s\n", c[0], c[1], c[2], c[3], c[4]);
	for (size_t i = 0; i < t->count; i++)
		print_row(b, &t->rows[i]);
	buf_printf(b,
	        english ? "\nmedical records: %lld created, %lld corrected\n"
	                : "\nregistros do prontuário: %lld criados, %lld corrigidos\n",
	        (long long)t->records_created, (long long)t->records_updated);
	buf_text(b, english ? "why skipped or rejected\n" : "por que pulados ou recusados\n");
	print_reasons(b, t, english);
	buf_text(b, english ? "warnings\n" : "avisos\n");
	print_warnings(b, t, english);
	for (size_t i = 0; i < t->reject_count; i++)
		buf_printf(b, "%s %s/%s: %s\n", english ? "rejected" : "recusado", t->rejects[i].kind,
		        t->rejects[i].id,
		        english ? reasons[t->rejects[i].reason].en : reasons[t->rejects[i].reason].pt);
}

/* ---- for a program */

static void
json_row(struct buf *b, const struct fhir_tally_row *row)
{
	const char *join = "";

	buf_text(b, "{\"kind\":");
	json_write_text(b, str_of(row->kind));
	buf_printf(b, ",\"created\":%lld,\"updated\":%lld,\"skipped\":%lld,\"rejected\":%lld,\"reasons\":{",
	        (long long)row->created, (long long)row->updated, (long long)fhir_tally_skipped(row),
	        (long long)fhir_tally_rejected(row));
	for (size_t r = 1; r < FHIR_REASON__MAX; r++)
		if (row->reasons[r]) {
			buf_printf(b, "%s\"%s\":%lld", join, reasons[r].code, (long long)row->reasons[r]);
			join = ",";
		}
	buf_text(b, "}}");
}

void
fhir_tally_json(struct buf *b, const struct fhir_tally *t)
{
	const char *join = "";

	buf_printf(b, "\"records\":{\"created\":%lld,\"updated\":%lld},\"kinds\":[",
	        (long long)t->records_created, (long long)t->records_updated);
	for (size_t i = 0; i < t->count; i++) {
		buf_text(b, i ? "," : "");
		json_row(b, &t->rows[i]);
	}
	buf_text(b, "],\"warnings\":{");
	for (size_t i = 1; i < FHIR_WARNING__MAX; i++)
		if (t->warnings[i]) {
			buf_printf(b, "%s\"%s\":%lld", join, warnings[i].code, (long long)t->warnings[i]);
			join = ",";
		}
	buf_text(b, "},\"rejected\":[");
	for (size_t i = 0; i < t->reject_count; i++) {
		buf_printf(b, "%s{\"kind\":\"%s\",\"id\":", i ? "," : "", t->rejects[i].kind);
		json_write_text(b, str_of(t->rejects[i].id));
		buf_printf(b, ",\"reason\":\"%s\"}", reasons[t->rejects[i].reason].code);
	}
	buf_byte(b, ']');
}
