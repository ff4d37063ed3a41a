/* protocol.c - the versions of the protocol, and the rows calculators ask for.
 *
 * The rows are compiled in and checked once before their first use and every
 * hour after it (protocol_check.c): a protocol that does not hold together
 * answers ERR_PROTOCOL_UNAVAILABLE and stops its calculators, not the server. */
#include "features/hansen/protocol.h"

#include <pthread.h>
#include <stdatomic.h>
#include "features/hansen/protocol_check.h"
#include "features/hansen/protocol_documents.h"

static const struct protocol_row rows_1[] = {
#define ROW(id_, topic_, ...) { .id = (id_), .topic = TOPIC_##topic_, __VA_ARGS__ },
#include "features/hansen/protocol_1.def"
#undef ROW
};

/* Oldest first.  sha256 pins the rows: who changes one must make a new version. */
static const struct protocol protocols[] = {
	{ "PCDT-2022.1", { 2022, 7, 7 }, "e2b417d8b426ce21cb594a9b63ee6e90aaf61eb487dcac860f4d11f22b2941dc",
	        rows_1, COUNT(rows_1) },
};

static const struct {
	const char *id;
	bool number;
} needs[NEED__MAX] = {
#define TEXT false
#define NUMBER true
#define NEED(name, id, is) [NEED_##name] = { id, is },
#include "features/hansen/needs.def"
#undef NEED
#undef TEXT
#undef NUMBER
};

static const struct topic_text {
	const char *name, *pt, *en;
} topic_texts[TOPIC__MAX] = {
#define TOPIC(name, pt, en) [TOPIC_##name] = { #name, pt, en },
#include "features/hansen/topics.def"
#undef TOPIC
};

enum verdict { UNKNOWN = 0, GOOD, BAD };
static atomic_int verdict;
static const struct protocol_row *needed[NEED__MAX]; /* of the current version; set once */

/* ---- versions */

size_t
protocol_count(void)
{
	return COUNT(protocols);
}

const struct protocol *
protocol_at(size_t i)
{
	return i < COUNT(protocols) ? &protocols[i] : NULL;
}

const struct protocol *
protocol_find(struct str version)
{
	for (size_t i = 0; i < COUNT(protocols); i++)
		if (str_is(version, protocols[i].version))
			return &protocols[i];
	return NULL;
}

const struct protocol *
protocol_current(void)
{
	return &protocols[COUNT(protocols) - 1];
}

const char *
protocol_need_id(enum need need, bool *number)
{
	assert(need > NEED_UNSET && need < NEED__MAX);
	*number = needs[need].number;
	return needs[need].id;
}

static void
find_needed(void)
{
	for (enum need n = NEED_UNSET + 1; n < NEED__MAX; n++)
		needed[n] = protocol_row(protocol_current(), str_of(needs[n].id));
}

enum err
protocol_verify(char *why)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	enum err err = OK;
	for (size_t i = 0; i < COUNT(protocols) && err == OK; i++)
		err = protocol_check(&protocols[i], why);
	pthread_once(&once, find_needed);
	atomic_store(&verdict, err == OK ? GOOD : BAD);
	return err;
}

enum err
protocol_ready(const char **version)
{
	char why[300];
	int now = atomic_load(&verdict);
	if (now == UNKNOWN)
		now = protocol_verify(why) == OK ? GOOD : BAD;
	if (now != GOOD)
		return ERR_PROTOCOL_UNAVAILABLE;
	if (version)
		*version = protocol_current()->version;
	return OK;
}

/* ---- rows */

const struct protocol_row *
protocol_row(const struct protocol *p, struct str id)
{
	for (size_t i = 0; i < p->count; i++)
		if (str_is(id, p->rows[i].id))
			return &p->rows[i];
	return NULL;
}

struct decimal
protocol_amount(const struct protocol_row *row)
{
	struct decimal amount;
	bool fine = row->amount && decimal_parse(str_of(row->amount), &amount);
	assert(fine); /* protocol_check has read it */
	return amount;
}

const struct protocol_row *
protocol_need(enum need need)
{
	assert(need > NEED_UNSET && need < NEED__MAX && needed[need]);
	return needed[need];
}

struct decimal
protocol_number(enum need need)
{
	return protocol_amount(protocol_need(need));
}

static bool
holds(const struct protocol_row *row, struct decimal value)
{
	struct decimal from, to;
	if (!decimal_parse(str_of(row->from), &from))
		return false;
	int low = decimal_cmp(value, from);
	if (low < 0 || (low == 0 && row->from_open))
		return false;
	if (!row->to)
		return true;
	if (!decimal_parse(str_of(row->to), &to))
		return false;
	int high = decimal_cmp(value, to);
	return high < 0 || (high == 0 && !row->to_open);
}

const struct protocol_row *
protocol_band(const char *ladder, struct decimal value)
{
	const struct protocol *p = protocol_current();
	for (size_t i = 0; i < p->count; i++) {
		const struct protocol_row *row = &p->rows[i];
		if (row->ladder && strcmp(row->ladder, ladder) == 0 && holds(row, value))
			return row;
	}
	return NULL;
}

const struct protocol_row *
protocol_next(enum topic topic, const char *band, size_t *i)
{
	const struct protocol *p = protocol_current();
	while (*i < p->count) {
		const struct protocol_row *row = &p->rows[(*i)++];
		if (row->topic == topic && (!band || (row->band && strcmp(row->band, band) == 0)))
			return row;
	}
	return NULL;
}

enum review
protocol_review(const struct protocol *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->rows[i].review != REVIEW_APPROVED)
			return REVIEW_PENDING;
	return REVIEW_APPROVED;
}

/* ---- names */

const char *
topic_name(enum topic t)
{
	return topic_texts[t].name;
}

const char *
topic_pt(enum topic t)
{
	return topic_texts[t].pt;
}

const char *
topic_en(enum topic t)
{
	return topic_texts[t].en;
}

const char *
review_name(enum review r)
{
	static const char *const names[] = { "", "PENDING", "APPROVED" };
	return names[r];
}

const char *
confidence_name(enum confidence c)
{
	static const char *const names[] = { "", "LOW", "MEDIUM", "HIGH" };
	return names[c];
}
