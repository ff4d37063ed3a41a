/* checks.h - what makes an installation fit for work: rows of checks, each with its
 * evidence and, when it fails, its remedy. */
#ifndef OPS_CHECKS_H
#define OPS_CHECKS_H

#include "store/db.h"
#include "sys/conf.h"
#include "sys/keyring.h"

enum check_result { CHECK_UNSET = 0, CHECK_OK, CHECK_WARN, CHECK_FAIL, CHECK_SKIPPED };

/* What the checks may look at; members that could not be opened are NULL, with why. */
struct checked {
	const struct conf *conf;
	struct keyring *keyring;
	struct store *store;
	struct db *db;
	struct ctx *ctx;
	int version;                 /* of the database */
	char why[200], key_why[200]; /* of the database and the key, when they could not be opened */
};

typedef enum check_result check_run_fn(const struct checked *, char evidence[static 200]);

struct check {
	const char *name;
	check_run_fn *run;
	const char *remedy_pt, *remedy_en;
};
/* A key is its server's account's alone; root looks at it with that account's eyes. */
void checks_as_server(const struct conf *, bool on);
/* Those of checks_ha.c; the others are checks.c's own. */
check_run_fn tls_certificate_ends, database_link, ha_primary, ha_standby, ha_lag, ha_quorum, ha_balancer,
        ha_certificates, ha_secrets, ha_versions;
extern const struct check checks[]; /* ends with name == NULL */
const char *check_result_name(enum check_result);

#endif
