/* fhir_fixture.h - a set, its charts, and FHIR in C strings, for the tests of this folder. */
#ifndef TESTS_UNIT_FEATURES_FHIR_FIXTURE_H
#define TESTS_UNIT_FEATURES_FHIR_FIXTURE_H

#include "features/fhir/fhir.h"
#include "features/fhir/words.h"
#include "base/gunzip.h"

#include <stdio.h>

#include "../cm.h"

#define CPF_OK "529.982.247-25"
#define UUID_A "11111111-2222-4333-8444-555555555555"
#define UUID_B "AAAAAAAA-2222-4333-8444-555555555555"
#define PATIENT(more) "{'resourceType':'Patient','id':'" UUID_A "'" more "}"
#define SUBJECT "'subject':{'reference':'Patient/" UUID_A "'}"
#define ENCOUNTER(id, more) "{'resourceType':'Encounter','id':'" id "','status':'finished'," SUBJECT more "}"
#define ENTRY(r) "{'resource':" r "}"
#define BUNDLE(entries) "{'resourceType':'Bundle','type':'collection','entry':[" entries "]}"

static struct arena *arena;
static struct fhir_tally tally;
static struct fhir_set *set;
static struct list charts;
static char why[200];
static const struct fhir_limits limits = { 10000, 100000, 100000 };

static inline int
setup(void **state)
{
	(void)state;
	arena = arena_new(256 << 20);
	tally = (struct fhir_tally){ 0 };
	set = fhir_set_new(&tally);
	return arena && set ? 0 : -1;
}

static inline int
teardown(void **state)
{
	(void)state;
	fhir_set_free(set);
	arena_free(arena);
	return 0;
}

/* JSON with ' for ", so that it can be read. */
static inline enum err
add(const char *text)
{
	char *copy = strdup(text);
	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	enum err e = fhir_set_add(set, str_of(copy), why);
	free(copy);
	return e;
}

static inline void
make_charts(void)
{
	assert_int_equal(fhir_charts(set, arena, (struct date){ 2026, 11, 30 }, &charts), OK);
}

static inline const struct fhir_chart *
chart(size_t i)
{
	assert_true(i < charts.count);
	return &((const struct fhir_chart *)charts.items)[i];
}

static inline struct fhir_record *
record(size_t c, size_t r)
{
	assert_true(r < chart(c)->records.count);
	return &((struct fhir_record *)chart(c)->records.items)[r];
}

static inline struct fhir_texts
texts(size_t c, size_t r)
{
	struct fhir_texts t;
	assert_int_equal(fhir_record_texts(arena, record(c, r), &limits, false, &t), OK);
	return t;
}

static inline bool
has(struct str s, const char *part)
{
	return s.p && memmem(s.p, s.n, part, strlen(part)) != NULL;
}

static inline void
assert_has(struct str s, const char *part)
{
	if (!has(s, part))
		fail_msg("no \"%s\" in: %.*s", part, (int)s.n, s.p ? s.p : "");
}

static inline int64_t
counted(const char *kind, enum fhir_reason r)
{
	return fhir_tally_row(&tally, str_of(kind))->reasons[r];
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
