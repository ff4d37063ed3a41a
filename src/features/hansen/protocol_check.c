/* protocol_check.c - whether a version of the protocol holds together: every
 * row readable and sourced, every number a calculator needs present, bands that
 * touch, and a hash that is the pinned one. */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "features/hansen/protocol.h"
#include "features/hansen/protocol_check.h"
#include "sys/crypto.h"

enum { WHY = 300, ROWS_BYTES_MAX = 1 << 20 };

static enum err
bad(char *why, const char *id, const char *what)
{
	snprintf(why, WHY, "%s: %s", id ? id : "?", what);
	return ERR_PROTOCOL_UNAVAILABLE;
}

/* ---- the hash */

static void
hash_text(struct buf *b, const char *text)
{
	/* 0x1a is "absent": no row's text holds a control character. */
	buf_text(b, text ? text : "\x1a");
	buf_byte(b, '\x1f');
}

static void
hash_row(struct buf *b, const struct protocol_row *r)
{
	const char *const texts[] = { r->id, topic_name(r->topic), r->band, r->drug, r->give, r->amount,
		r->unit, r->ladder, r->from, r->to, r->interval, r->classes, r->instead, r->condition,
		r->flag, r->pt, r->en, r->source.document, r->source.section, r->source.page,
		confidence_name(r->source.confidence), review_name(r->review) };
	for (size_t i = 0; i < COUNT(texts); i++)
		hash_text(b, texts[i]);
	buf_printf(b, "%d %d %d %d %d %04d-%02d-%02d\x1e", r->from_open, r->to_open, r->count,
	        r->window_months, r->phase, r->valid_from.year, r->valid_from.month, r->valid_from.day);
}

void
protocol_hash(const struct protocol *p, char hex[static PROTOCOL_HASH_TEXT + 1])
{
	struct buf b;
	unsigned char sum[SHA256_SIZE];
	buf_init(&b, ROWS_BYTES_MAX);
	hash_text(&b, p->version);
	for (size_t i = 0; i < p->count; i++)
		hash_row(&b, &p->rows[i]);
	assert(!buf_failed(&b));
	sha256(b.p, b.n, sum);
	hex_print(sum, sizeof sum, hex);
	buf_free(&b);
}

/* ---- one row */

static bool
is_number(const char *text)
{
	struct decimal d;
	return decimal_parse(str_of(text), &d);
}

static const char *
row_wrong(const struct protocol_row *r)
{
	if (!r->id || r->topic <= TOPIC_UNSET || r->topic >= TOPIC__MAX)
		return "no id or topic";
	if (!r->pt || !r->en || !*r->pt || !*r->en)
		return "no text for people in both languages";
	if (!r->source.document || !r->source.section || r->source.confidence == CONFIDENCE_UNSET)
		return "no document, section or confidence";
	if (!date_is_set(r->valid_from) || r->review == REVIEW_UNSET)
		return "no valid_from or review state";
	return NULL;
}

static const char *
numbers_wrong(const struct protocol_row *r)
{
	if ((r->amount && !is_number(r->amount)) || (r->from && !is_number(r->from)) ||
	        (r->to && !is_number(r->to)))
		return "an amount or edge is not a decimal number";
	if (r->amount && decimal_cmp(protocol_amount(r), decimal_of(0)) < 0)
		return "an amount below zero";
	if (r->ladder && (!r->band || !r->from))
		return "a step of a ladder without band or lower edge";
	return NULL;
}

static enum err
check_rows(const struct protocol *p, char *why)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct protocol_row *r = &p->rows[i];
		const char *wrong = row_wrong(r);
		if (!wrong)
			wrong = numbers_wrong(r);
		if (wrong)
			return bad(why, r->id, wrong);
		if (protocol_row(p, str_of(r->id)) != r)
			return bad(why, r->id, "two rows with this id");
		if (i > 0 && r->topic < p->rows[i - 1].topic)
			return bad(why, r->id, "its topic stands out of order");
	}
	return OK;
}

/* ---- ladders */

static const struct protocol_row *
next_step(const struct protocol *p, const char *ladder, size_t *i)
{
	while (*i < p->count) {
		const struct protocol_row *r = &p->rows[(*i)++];
		if (r->ladder && strcmp(r->ladder, ladder) == 0)
			return r;
	}
	return NULL;
}

static bool
same_number(const char *a, const char *b)
{
	struct decimal x, y;
	return decimal_parse(str_of(a), &x) && decimal_parse(str_of(b), &y) && decimal_cmp(x, y) == 0;
}

/* Where a band ends the next begins, and exactly one of them owns the edge. */
static const char *
step_wrong(const struct protocol_row *r, const struct protocol_row *next)
{
	struct decimal from, to;
	if (!r->to)
		return next ? "a band behind the open end" : NULL;
	if (!next)
		return "the last band has an upper end";
	if (!decimal_parse(str_of(r->from), &from) || !decimal_parse(str_of(r->to), &to) ||
	        decimal_cmp(from, to) >= 0)
		return "an empty band";
	if (!same_number(r->to, next->from))
		return "a gap or overlap to the next band";
	return r->to_open == next->from_open ? "nobody or both own the edge to the next band" : NULL;
}

static enum err
check_ladder(const struct protocol *p, const struct protocol_row *first, size_t i, char *why)
{
	if (!same_number(first->from, "0"))
		return bad(why, first->id, "the first band does not begin at 0");
	for (const struct protocol_row *r = first, *next; r; r = next) {
		next = next_step(p, first->ladder, &i);
		const char *wrong = step_wrong(r, next);
		if (wrong)
			return bad(why, r->id, wrong);
	}
	return OK;
}

static bool
is_first_step(const struct protocol *p, const struct protocol_row *r)
{
	size_t i = 0;
	return r->ladder && next_step(p, r->ladder, &i) == r;
}

static enum err
check_ladders(const struct protocol *p, char *why)
{
	for (size_t i = 0; i < p->count; i++)
		if (is_first_step(p, &p->rows[i]))
			TRY(check_ladder(p, &p->rows[i], i + 1, why));
	return OK;
}

/* ---- complete */

static size_t
doses(const struct protocol *p, const char *band, const char *drug, const char *give)
{
	size_t n = 0;
	for (size_t i = 0; i < p->count; i++) {
		const struct protocol_row *r = &p->rows[i];
		n += r->topic == TOPIC_DOSE && r->give && r->amount && r->band && r->drug &&
		     strcmp(r->band, band) == 0 && strcmp(r->drug, drug) == 0 && strcmp(r->give, give) == 0;
	}
	return n;
}

static enum err
check_doses(const struct protocol *p, char *why)
{
	static const struct {
		const char *drug, *give;
	} wanted[] = { { "rifampicina", "SUPERVISIONADA" }, { "clofazimina", "SUPERVISIONADA" },
		{ "dapsona", "SUPERVISIONADA" }, { "clofazimina", "AUTOADMINISTRADA" },
		{ "dapsona", "AUTOADMINISTRADA" } };
	for (size_t i = 0; i < p->count; i++)
		for (size_t w = 0; p->rows[i].topic == TOPIC_BAND && w < COUNT(wanted); w++)
			if (doses(p, p->rows[i].band, wanted[w].drug, wanted[w].give) != 1)
				return bad(why, p->rows[i].id, "not exactly one dose of each drug");
	return OK;
}

static enum err
check_needs(const struct protocol *p, char *why)
{
	for (enum need n = NEED_UNSET + 1; n < NEED__MAX; n++) {
		bool number;
		const char *id = protocol_need_id(n, &number);
		const struct protocol_row *r = protocol_row(p, str_of(id));
		if (!r || (number && !r->amount))
			return bad(why, id, "a row or number that calculators need is missing");
	}
	const char *const courses[] = { "curso.pb", "curso.mb" };
	for (size_t i = 0; i < COUNT(courses); i++) {
		const struct protocol_row *r = protocol_row(p, str_of(courses[i]));
		if (!r || r->count <= 0 || r->window_months < r->count)
			return bad(why, courses[i], "no doses, or fewer months than doses");
	}
	return OK;
}

enum err
protocol_check(const struct protocol *p, char *why)
{
	char hex[PROTOCOL_HASH_TEXT + 1];
	if (!p->rows || p->count == 0)
		return bad(why, p->version, "no rows");
	TRY(check_rows(p, why));
	TRY(check_ladders(p, why));
	TRY(check_doses(p, why));
	TRY(check_needs(p, why));
	protocol_hash(p, hex);
	if (!p->sha256 || strcmp(hex, p->sha256) != 0) {
		snprintf(why, WHY, "%s: the rows' hash is %s, not the pinned one", p->version, hex);
		return ERR_PROTOCOL_UNAVAILABLE;
	}
	return OK;
}
