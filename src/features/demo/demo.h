/* demo.h - fictional clinics to try the program with. */
#ifndef FEATURES_DEMO_DEMO_H
#define FEATURES_DEMO_DEMO_H

#include "base/type.h"

/* Fills an empty database in the caller's write transaction: two tenants, their
 * accounts (password DEMO_PASSWORD), patients with charts. The same every time. */
enum err demo_create(struct ctx *) MUST_CHECK;
#define DEMO_PASSWORD "plantao-demo-2026"

/* Of the context's tenant, at any time later. */
struct demo_figures {
	int64_t typed, imported, records, cases; /* patients, patients, medical records, hanseníase */
};
extern const struct type demo_figures_type;
enum err demo_count(struct ctx *, struct demo_figures *) MUST_CHECK;

/* One line an account for whoever starts the demo. */
struct demo_account {
	const char *email, *role, *name;
};
extern const struct demo_account demo_accounts[], demo_other_accounts[]; /* end with email == NULL */

#endif
