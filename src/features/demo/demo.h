/* demo.h - fictional clinics to try the program with. */
#ifndef FEATURES_DEMO_DEMO_H
#define FEATURES_DEMO_DEMO_H

#include "base/type.h"

/* Fills an empty database in the caller's write transaction: two tenants, their
 * accounts (password DEMO_PASSWORD), patients with charts. The same every time. */
enum err demo_create(struct ctx *) MUST_CHECK;
#define DEMO_PASSWORD "plantao-demo-2026"

/* One line an account for whoever starts the demo. */
struct demo_account {
	const char *email, *role, *name;
};
extern const struct demo_account demo_accounts[]; /* ends with email == NULL */

#endif
