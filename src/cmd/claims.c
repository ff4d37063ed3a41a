/* claims.c - each promise, looked at on the store that is there.  Nothing is taken on trust:
 * sealed values are opened and looked at as they rest, names are searched for in the
 * database's own files, rows are counted. */
#include "cmd/claims.h"
#include "cmd/app.h"
#include "claims_sql.h"
#include "features/tenants/tenants.h"
#include "http/route.h"
#include "http/router.h"
#include "http/session.h"
#include "store/seal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SAMPLE = 40, WEEK_MS = 7 * 86400000, TERM_YEARS = 20, NEEDLE_MIN = 8 };

static struct {
	bool counted, opened;
	struct claim_counts all;
	int64_t tenants, keys, keys_current, opened_names, sealed_names;
	struct str needles[4096];
	size_t needle_count;
} seen;

static const struct field count_fields[] = {
	FIELD(claim_counts, patients),
	FIELD(claim_counts, records),
	FIELD(claim_counts, consents),
	FIELD(claim_counts, termless),
	FIELD(claim_counts, glass),
	FIELD(claim_counts, glass_old),
	FIELD(claim_counts, open),
	FIELD(claim_counts, overdue),
	FIELD(claim_counts, erased),
	FIELD(claim_counts, undestroyed),
	FIELD(claim_counts, expired),
	FIELD(claim_counts, incidents),
	FIELD(claim_counts, late),
};
const struct type claim_counts_type = TYPE(claim_counts, count_fields);

static const struct field sample_fields[] = {
	FIELD(claim_sample, id),
	FIELD(claim_sample, name, .sealed = true),
	FIELD(claim_sample, cpf, .sealed = true),
};
const struct type claim_sample_type = TYPE(
        claim_sample, sample_fields, .table = "patient", .row_field = "id", .key_field = "id");

static const struct field raw_fields[] = { FIELD(claim_raw, name) };
const struct type claim_raw_type = TYPE(claim_raw, raw_fields);

/* ---- counting, institution by institution: the second wall lets nobody look across */

static void
add_counts(const struct claim_counts *one)
{
	int64_t *sum = (int64_t *)&seen.all;
	const int64_t *more = (const int64_t *)one;

	for (size_t i = 0; i < sizeof *one / sizeof *sum; i++)
		sum[i] += more[i];
}

static void
add_needle(struct str s)
{
	if (s.n >= NEEDLE_MIN && seen.needle_count < COUNT(seen.needles))
		seen.needles[seen.needle_count++] = s;
}

/* A sealed value begins with the form's version, is longer than what it seals, and is no text. */
static bool
looks_sealed(struct blob b)
{
	return b.n > SEAL_OVERHEAD && ((const unsigned char *)b.p)[0] == 1 &&
	       !utf8_valid((const char *)b.p, b.n);
}

static enum err
look_at_values(struct ctx *ctx)
{
	struct list rows;
	const struct claim_sample *sample;
	const struct claim_raw *raw;

	TRY(sql_claim_samples(ctx, &(struct claim_samples_in){ .row_limit = SAMPLE }, &rows));
	sample = rows.items;
	for (size_t i = 0; i < rows.count; i++) {
		seen.opened_names += str_is_set(sample[i].name);
		add_needle(sample[i].name);
		add_needle(sample[i].cpf);
	}
	TRY(sql_claim_raws(ctx, &(struct claim_raws_in){ .row_limit = SAMPLE }, &rows));
	raw = rows.items;
	for (size_t i = 0; i < rows.count; i++)
		seen.sealed_names += looks_sealed(raw[i].name);
	return OK;
}

static enum err
look_at_tenant(struct ctx *ctx)
{
	struct claim_counts one;
	bool current;

	TRY(sql_claim_count(ctx,
	        &(struct claim_count_in){ .today = instant_date(ctx->now),
	                .week_ago = { ctx->now.ms - WEEK_MS },
	                .term_ago = { ctx->now.ms - (int64_t)TERM_YEARS * 31557600000 } },
	        &one));
	add_counts(&one);
	seen.tenants++;
	if (seal_keyring(ctx) == NULL)
		return OK;
	TRY(seal_tenant_current(ctx, &current));
	seen.keys++;
	seen.keys_current += current;
	return look_at_values(ctx);
}

static enum err
look_at_all(struct ctx *ctx)
{
	struct list all;
	const struct institution *t;

	TRY(tenant_list(ctx, &all));
	t = all.items;
	for (size_t i = 0; i < all.count; i++) {
		ctx->tenant = t[i].id;
		TRY(look_at_tenant(ctx));
	}
	return OK;
}

/* A walled tenant is said when the transaction begins: one for each. */
void
claims_prepare(const struct checked *c)
{
	enum err err;

	if (c->db == NULL || (c->keyring != NULL && seal_init(c->store, c->keyring) != OK))
		return;
	c->ctx->reach = REACH_TENANT;
	err = db_begin(c->ctx, c->db, TX_READ);
	if (err == OK) {
		err = look_at_all(c->ctx);
		db_rollback(c->ctx);
	}
	c->ctx->tenant = (struct id){ { 0 } };
	seen.counted = err == OK;
}

/* ---- the promises */

#define CHECK(name, ...) static check_run_fn name;
#include "cmd/claims.def"
#undef CHECK

const struct check claims[] = {
#define CHECK(name, pt, en) { #name, name, pt, en },
#include "cmd/claims.def"
#undef CHECK
	{ NULL, NULL, NULL, NULL },
};

#define SAY(...) (void)snprintf(evidence, 200, __VA_ARGS__)
#define LL(x) (long long)(x)

/* Without counts there is nothing to promise: that is a failure, with what went wrong. */
static bool
uncounted(const struct checked *c, char evidence[static 200])
{
	if (!seen.counted)
		SAY("%.190s", c->ctx->why[0] ? c->ctx->why : c->why[0] ? c->why : "the store was not opened");
	return !seen.counted;
}

static enum check_result
sealed(const struct checked *c, char evidence[static 200])
{
	if (uncounted(c, evidence))
		return CHECK_FAIL;
	if (c->keyring == NULL) {
		SAY("%.190s", c->key_why);
		return CHECK_FAIL;
	}
	SAY("%lld of the newest names open under their patients' keys, %lld rest as sealed bytes",
	        LL(seen.opened_names), LL(seen.sealed_names));
	return seen.opened_names == seen.sealed_names ? CHECK_OK : CHECK_FAIL;
}

/* true: found. */
static bool
search_file(const char *path, size_t *bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool found = false;

	if (fd < 0)
		return false;
	void *p = fstat(fd, &st) == 0 && st.st_size > 0
	                  ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)
	                  : MAP_FAILED;
	close(fd);
	if (p == MAP_FAILED)
		return false;
	for (size_t i = 0; i < seen.needle_count && !found; i++)
		found = memmem(p, (size_t)st.st_size, seen.needles[i].p, seen.needles[i].n) != NULL;
	*bytes += (size_t)st.st_size;
	munmap(p, (size_t)st.st_size);
	return found;
}

static enum check_result
plaintext(const struct checked *c, char evidence[static 200])
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	const char *url = app_database_url(c->conf);
	char path[4096];
	size_t bytes = 0;

	if (uncounted(c, evidence))
		return CHECK_FAIL;
	SAY("the cluster's files are not looked at from here");
	if (strncmp(url, "sqlite:", 7) != 0)
		return CHECK_SKIPPED;
	SAY("there is no name to look for");
	if (seen.needle_count == 0)
		return CHECK_SKIPPED;
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		snprintf(path, sizeof path, "%s%s", url + 7, suffixes[i]);
		if (search_file(path, &bytes)) {
			SAY("a patient's name or CPF stands readable in %.150s", path);
			return CHECK_FAIL;
		}
	}
	SAY("%zu names and CPFs looked for in %zu MiB of the database's files: none found", seen.needle_count,
	        bytes >> 20);
	return CHECK_OK;
}

static enum check_result
keys(const struct checked *c, char evidence[static 200])
{
	if (uncounted(c, evidence))
		return CHECK_FAIL;
	if (c->keyring == NULL) {
		SAY("%.190s", c->key_why);
		return CHECK_FAIL;
	}
	SAY("%lld of %lld institutions' keys under the newest master key; its holder %s",
	        LL(seen.keys_current), LL(seen.keys),
	        keyring_healthy(c->keyring) ? "answers" : "does not answer");
	return !keyring_healthy(c->keyring)     ? CHECK_FAIL
	       : seen.keys_current == seen.keys ? CHECK_OK
	                                        : CHECK_WARN;
}

/* Who keeps the house and who audits it sees no clinical data, whatever roles.def says otherwise. */
static enum check_result
masked(const struct checked *c, char evidence[static 200])
{
	static const enum role blind[] = { ROLE_SUPERADMIN, ROLE_ADMIN, ROLE_RECEPTIONIST, ROLE_AUDITOR,
		ROLE_DPO };
	int hidden = 0;

	(void)c;
	for (size_t i = 0; i < COUNT(blind); i++)
		if (role_mask(blind[i])->shows[SENS_CLINICAL]) {
			SAY("%s sees clinical fields", role_name(blind[i]));
			return CHECK_FAIL;
		}
	for (enum role r = ROLE_UNSET + 1; r < ROLE__MAX; r++)
		hidden += !role_mask(r)->shows[SENS_IDENTITY];
	SAY("clinical fields hidden from %zu roles, identity from %d; `make prove-privacy` compares answers",
	        COUNT(blind), hidden);
	return CHECK_OK;
}

static enum check_result
audited(const struct checked *c, char evidence[static 200])
{
	const char *bad = router_init();
	unsigned recorded = 0;

	(void)c;
	for (unsigned i = 0; bad == NULL && i < route_count(); i++)
		recorded += route_at(i)->audit != AUDIT_NONE;
	if (bad != NULL)
		SAY("%.190s", bad);
	else
		SAY("%u of %u doors leave an entry; the others touch nobody's data", recorded, route_count());
	return bad == NULL ? CHECK_OK : CHECK_FAIL;
}

/* The installation's own checks, by name. */
static enum check_result
as_checked(const struct checked *c, const char *name, char evidence[static 200])
{
	for (const struct check *check = checks; check->name; check++)
		if (strcmp(check->name, name) == 0)
			return check->run(c, evidence);
	assert(false && "no such check");
	return CHECK_UNSET;
}

static enum check_result
audit_whole(const struct checked *c, char evidence[static 200])
{
	return as_checked(c, "audit_sealed", evidence);
}

static enum check_result
purposes(const struct checked *c, char evidence[static 200])
{
	unsigned doors = 0, serving = 0;

	(void)c;
	for (unsigned i = 0; i < route_count(); i++) {
		doors += route_at(i)->audit != AUDIT_NONE;
		serving += route_at(i)->audit != AUDIT_NONE && route_activity(route_at(i)) > ACTIVITY_NONE;
	}
	SAY("%u of %u doors to personal data name one of %d purposes (`plantao privacy ropa`)", serving,
	        doors, (int)ACTIVITY__MAX - 2);
	return doors == serving && doors > 0 ? CHECK_OK : CHECK_FAIL;
}

/* A promise that rests on two counts: it is kept when there is none of the second. */
static enum check_result
none_of(int64_t wrong, const char *wrong_words, int64_t among, const char *words, enum check_result otherwise,
        const struct checked *c, char evidence[static 200])
{
	if (uncounted(c, evidence))
		return CHECK_FAIL;
	SAY("%lld %s, %lld %s", LL(among), words, LL(wrong), wrong_words);
	return wrong == 0 ? CHECK_OK : otherwise;
}

#define NONE_OF(name, wrong, wrong_words, among, words, otherwise)                                           \
	static enum check_result name(const struct checked *c, char evidence[static 200])                    \
	{                                                                                                    \
		return none_of(seen.all.wrong, wrong_words, seen.all.among, words, otherwise, c, evidence);  \
	}
NONE_OF(consented, termless, "without the term they name", consents, "living consents", CHECK_FAIL)
NONE_OF(break_glass, glass_old, "for more than a week", glass, "openings outside care wait for review",
        CHECK_WARN)
NONE_OF(requests, overdue, "past the 15 days", open, "open requests of data subjects", CHECK_FAIL)
NONE_OF(erasable, undestroyed, "of their keys still exist", erased, "charts erased with a certificate",
        CHECK_FAIL)
NONE_OF(retained, expired, "with no entry for more than 20 years", patients, "patients' charts", CHECK_WARN)
NONE_OF(incidents, late, "past the term to communicate", incidents, "open incidents", CHECK_FAIL)
#undef NONE_OF

/* This command hardens itself as the server does: what it sees of itself is what the server has. */
static enum check_result
no_core_dumps(const struct checked *c, char evidence[static 200])
{
	struct rlimit limit = { 1, 1 };
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);

	(void)c;
	getrlimit(RLIMIT_CORE, &limit);
	SAY("core limit %llu, dumpable %d in a hardened process", (unsigned long long)limit.rlim_max,
	        dumpable);
	return limit.rlim_max == 0 && dumpable == 0 ? CHECK_OK : CHECK_FAIL;
}
