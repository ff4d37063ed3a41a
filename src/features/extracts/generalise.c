/* generalise.c - k-anonymity and l-diversity by full-domain generalisation and suppression:
 * of the 24 combinations of levels the one that loses least, where losing a tenth of the
 * patients weighs as much as losing an attribute. Knows no patient, only numbers. */
#include "features/extracts/extracts_rows.h"

#include <stdlib.h>

static int
band_of(int age, int level)
{
	static const int widths[AGE_LEVELS] = { 5, 10, 20, 0 };

	if (widths[level] == 0)
		return ANY;
	if (age < 0)
		return RARE;
	return (age > 90 ? 90 : age) / widths[level] * widths[level];
}

static int
span_of(int year, int level)
{
	return level == 0 ? year : level == 1 ? year / 5 * 5 : ANY;
}

static int
compare(const void *a, const void *b)
{
	const struct subject *x = a, *y = b;

	if (x->band != y->band)
		return x->band < y->band ? -1 : 1;
	if (x->shown_sex != y->shown_sex)
		return x->shown_sex < y->shown_sex ? -1 : 1;
	if (x->span != y->span)
		return x->span < y->span ? -1 : 1;
	return x->diagnosis < y->diagnosis ? -1 : x->diagnosis > y->diagnosis;
}

static bool
same_class(const struct subject *x, const struct subject *y)
{
	return x->band == y->band && x->shown_sex == y->shown_sex && x->span == y->span;
}

/* Sorted by class and then by diagnosis, so that both counts are one walk. */
static void
judge(struct subject *s, size_t n, int64_t k, int64_t l, struct generalised *g)
{
	g->k = g->l = INT64_MAX;
	g->classes = g->released = 0;
	for (size_t i = 0, end; i < n; i = end) {
		int64_t different = 0;

		for (end = i; end < n && same_class(&s[i], &s[end]); end++)
			different += end == i || s[end].diagnosis != s[end - 1].diagnosis;
		int64_t size = (int64_t)(end - i);
		bool kept = size >= k && different >= l;
		for (size_t m = i; m < end; m++)
			s[m].kept = kept;
		if (!kept)
			continue;
		g->k = size < g->k ? size : g->k;
		g->l = different < g->l ? different : g->l;
		g->classes++;
		g->released += size;
	}
}

static void
apply(struct subject *s, size_t n, int64_t k, int64_t l, struct generalised *g)
{
	for (size_t i = 0; i < n; i++) {
		s[i].band = band_of(s[i].age, g->age);
		s[i].shown_sex = g->sex ? ANY : s[i].sex;
		s[i].span = span_of(s[i].year, g->year);
	}
	qsort(s, n, sizeof *s, compare);
	judge(s, n, k, l, g);
}

static double
loss(const struct generalised *g, size_t n)
{
	double left_out = (double)(n - (size_t)g->released) / (double)n;

	return (double)g->age / (AGE_LEVELS - 1) + (double)g->sex / (SEX_LEVELS - 1) +
	       (double)g->year / (YEAR_LEVELS - 1) + 10 * left_out;
}

/* Diagnoses that fewer than k kept patients share become RARE; did any? */
static bool
hide_rare(struct subject *s, size_t n, int values, int64_t k, int *counts)
{
	bool any = false;

	memset(counts, 0, (size_t)values * sizeof *counts);
	for (size_t i = 0; i < n; i++)
		if (s[i].kept && s[i].diagnosis >= 0)
			counts[s[i].diagnosis]++;
	for (size_t i = 0; i < n; i++)
		if (s[i].diagnosis >= 0 && counts[s[i].diagnosis] < k) {
			any |= s[i].kept;
			s[i].diagnosis = RARE;
		}
	return any;
}

static struct generalised
best(struct subject *s, size_t n, int64_t k, int64_t l)
{
	struct generalised best = { 0 };
	double least = 1e9;

	for (int node = 0; node < AGE_LEVELS * SEX_LEVELS * YEAR_LEVELS; node++) {
		struct generalised g = { .age = node % AGE_LEVELS,
			.sex = node / AGE_LEVELS % SEX_LEVELS,
			.year = node / AGE_LEVELS / SEX_LEVELS };

		apply(s, n, k, l, &g);
		if (g.released > 0 && loss(&g, n) < least) {
			least = loss(&g, n);
			best = g;
		}
	}
	return best;
}

bool
generalise(
        struct subject *s, size_t n, int values, int64_t k, int64_t l, int *counts, struct generalised *out)
{
	if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		s[i].kept = true;
	(void)hide_rare(s, n, values, k, counts);
	for (;;) { /* each round hides at least one diagnosis more, so it ends */
		*out = best(s, n, k, l);
		if (out->released == 0)
			return false;
		apply(s, n, k, l, out);
		if (!hide_rare(s, n, values, k, counts))
			break;
	}
	for (int v = 0; v < values; v++)
		out->rare += counts[v] < k;
	return true;
}
