/* people.h - the fictional patients of the demo and their typed charts. */
#ifndef FEATURES_DEMO_PEOPLE_H
#define FEATURES_DEMO_PEOPLE_H

#include "base/base.h"

/* Whose hands the patients and charts are in. */
struct demo_staff {
	struct id admin, doctor, doctor2, nurse;
};

/* Registers all of them with their care relations; *first is who signs in as patient. */
enum err demo_people(struct ctx *, const struct demo_staff *, struct id *first) MUST_CHECK;
/* Their records, each at its day. */
enum err demo_charts(struct ctx *, const struct demo_staff *) MUST_CHECK;
/* Their cases of hanseníase, at days counted from today. */
enum err demo_cases(struct ctx *, const struct demo_staff *) MUST_CHECK;
struct id demo_person_id(size_t n);
/* The few patients of the second tenant. */
enum err demo_neighbours(struct ctx *, struct id doctor) MUST_CHECK;
/* The same id for the same name in every demo, sorting at that instant. */
struct id demo_id(struct instant, const char *kind, size_t n);
enum { DEMO_PEOPLE_COUNT = 30 };

#endif
