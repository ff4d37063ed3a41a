/* prove.c - see prove.h.  A sample is drawn by the ids' times (UUIDv7): from the first
 * chart of all, from the last thousand hours, and from ten years. */
#include "ops/prove.h"

#include <stdio.h>
#include <stdlib.h>

#include "gen/prove_sql.h"
#include "ops/audit_verify.h"
#include "ops/prove_rows.h"
#include "store/seal.h"

/* A request's entries bear the time it began, and may be committed so much later. */
/* STATEMENT: counting a large house beside its work is slow, and no fault of the backup. */
enum { ARENA_CEILING = 512 << 20, LATE_MS = 15000, GRACE_MS = 30000, STATEMENT_MS = 600000 };
/* Entries are removed after seven years; what is compared is younger. */
static const int64_t COMPARED_MS = INT64_C(366) * 86400000, FOR_EVER_MS = INT64_C(1) << 52;

#define P .sens = SENS_PLAIN
static const struct field prove_tenant_fields[] = { FIELD(prove_tenant, id, P) };
const struct type prove_tenant_type = TYPE(prove_tenant, prove_tenant_fields);
static const struct field prove_number_fields[] = { FIELD(prove_number, n, P) };
const struct type prove_number_type = TYPE(prove_number, prove_number_fields);
static const struct field prove_chart_fields[] = { FIELD(prove_chart, id, P), FIELD(prove_chart, version, P),
	FIELD(prove_chart, patient_id, P), FIELD(prove_chart, doctor_id, P),
	FIELD(prove_chart, title_sealed, .sens = SENS_SECRET),
	FIELD(prove_chart, diagnosis_sealed, .sens = SENS_SECRET),
	FIELD(prove_chart, treatment_sealed, .sens = SENS_SECRET),
	FIELD(prove_chart, notes_sealed, .sens = SENS_SECRET), FIELD(prove_chart, priority, P),
	FIELD(prove_chart, created_at, P), FIELD(prove_chart, updated_at, P) };
const struct type prove_chart_type = TYPE(prove_chart, prove_chart_fields);
static const struct field proof_fields[] = { FIELD(proof, at, P), FIELD(proof, backup, P),
	FIELD(proof, reached, P), FIELD(proof, proven, P), FIELD(proof, why, P), FIELD(proof, rto_ms, P),
	FIELD(proof, rpo_ms, P), FIELD(proof, version, P), FIELD(proof, institutions, P),
	FIELD(proof, patients, P), FIELD(proof, records, P), FIELD(proof, record_versions, P),
	FIELD(proof, audit_entries, P), FIELD(proof, charts_compared, P), FIELD(proof, charts_opened, P),
	FIELD(proof, source, P), FIELD(proof, keys, P) };
const struct type proof_type = TYPE(proof, proof_fields);
#undef P

/* One of the two databases, read in a transaction of its own. */
struct side {
	struct db *db;
	struct ctx ctx;
};

struct proving {
	struct side restored, source; /* source.db NULL: none */
	struct store *restored_store;
	struct keyring *keyring;
	struct proof *proof;
	int64_t until_ms;
	char *why;
};

static enum err
side_open(struct side *s, struct store *store, char *why)
{
	enum err err;

	s->ctx.arena = arena_new(ARENA_CEILING);
	s->ctx.reach = REACH_TENANT;
	s->ctx.now = clock_now();
	if (s->ctx.arena == NULL || db_open(store, &s->db) != OK) {
		snprintf(why, 200, "a database to compare cannot be opened");
		return ERR_STORE_UNAVAILABLE;
	}
	db_unhurried(s->db, STATEMENT_MS);
	err = db_begin(&s->ctx, s->db, TX_READ);
	if (err != OK)
		snprintf(why, 200, "%.190s", s->ctx.why);
	return err;
}

static void
side_close(struct side *s)
{
	if (s->ctx.tx != NULL)
		db_rollback(&s->ctx);
	db_close(s->db);
	arena_free(s->ctx.arena);
	*s = (struct side){ .db = NULL };
}

static enum err MUST_CHECK
unlike(struct proving *p, const char *what, int64_t restored, int64_t source)
{
	snprintf(p->why, 200, "%s: %lld in the restored database, %lld in the source", what,
	        (long long)restored, (long long)source);
	return ERR_STATE;
}

static enum err MUST_CHECK
cannot_read(struct proving *p, const struct side *s, enum err err)
{
	snprintf(p->why, 200, "%s cannot be read: %.150s",
	        s == &p->source ? "the source" : "the restored database", s->ctx.why);
	return err;
}

/* ---- counts */

typedef enum err count_fn(struct ctx *, int64_t until_ms, int64_t *n);

static enum err
count_entries(struct ctx *ctx, int64_t until_ms, int64_t *n)
{
	struct prove_number out = { 0 };

	TRY(sql_prove_entries(ctx,
	        &(struct prove_entries_in){ .since = ctx->now.ms - COMPARED_MS, .until = until_ms }, &out));
	*n = out.n;
	return OK;
}

static enum err
count_patients(struct ctx *ctx, int64_t until_ms, int64_t *n)
{
	struct prove_number out = { 0 };

	TRY(sql_prove_patients(ctx, &(struct prove_patients_in){ .until = until_ms }, &out));
	*n = out.n;
	return OK;
}

static enum err
count_records(struct ctx *ctx, int64_t until_ms, int64_t *n)
{
	struct prove_number out = { 0 };

	TRY(sql_prove_records(ctx, &(struct prove_records_in){ .until = until_ms }, &out));
	*n = out.n;
	return OK;
}

static enum err
count_versions(struct ctx *ctx, int64_t until_ms, int64_t *n)
{
	struct prove_number out = { 0 };

	TRY(sql_prove_versions(ctx, &(struct prove_versions_in){ .until = until_ms }, &out));
	*n = out.n;
	return OK;
}

static enum err
both_counts(struct proving *p, count_fn *count, int64_t until_ms, int64_t *restored, int64_t *source)
{
	enum err err = count(&p->restored.ctx, until_ms, restored);

	if (err != OK)
		return cannot_read(p, &p->restored, err);
	*source = *restored;
	if (p->source.db == NULL || (err = count(&p->source.ctx, until_ms, source)) == OK)
		return OK;
	return cannot_read(p, &p->source, err);
}

/* Equal up to the moment that the backup surely holds, and never more than the source, which
 * has gone on since. All of the restored database's is added to *sum. */
static enum err
same_count(struct proving *p, const char *what, count_fn *count, int64_t *sum)
{
	int64_t restored = 0, source = 0;

	TRY(both_counts(p, count, p->until_ms, &restored, &source));
	if (restored != source)
		return unlike(p, what, restored, source);
	TRY(both_counts(p, count, FOR_EVER_MS, &restored, &source));
	*sum += restored;
	return restored <= source ? OK : unlike(p, what, restored, source);
}

/* ---- charts */

static bool
same_blob(struct blob a, struct blob b)
{
	if (a.p == NULL || b.p == NULL)
		return a.p == b.p;
	return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static bool
same_chart(const struct prove_chart *a, const struct prove_chart *b)
{
	return id_eq(a->patient_id, b->patient_id) && id_eq(a->doctor_id, b->doctor_id) &&
	       same_blob(a->title_sealed, b->title_sealed) &&
	       same_blob(a->diagnosis_sealed, b->diagnosis_sealed) &&
	       same_blob(a->treatment_sealed, b->treatment_sealed) &&
	       same_blob(a->notes_sealed, b->notes_sealed) && str_eq(a->priority, b->priority) &&
	       a->created_at.ms == b->created_at.ms && a->updated_at.ms == b->updated_at.ms;
}

/* An erased patient's key is gone: then the chart is as it should be, and not counted. */
static enum err
open_chart(struct proving *p, const struct prove_chart *c)
{
	struct place place = { "medical_record", "diagnosis", c->id };
	struct str text;
	enum err err;

	if (p->keyring == NULL)
		return OK;
	err = unseal(&p->restored.ctx, c->patient_id, &place, c->diagnosis_sealed, &text);
	if (err == ERR_NOT_FOUND)
		return OK;
	if (err != OK) {
		snprintf(p->why, 200, "a chart of the sample does not open: %.140s", p->restored.ctx.why);
		return ERR_STATE;
	}
	p->proof->charts_opened++;
	return OK;
}

static enum err
compare_chart(struct proving *p, const struct prove_chart *c)
{
	const struct prove_chart *theirs;
	struct list found = { 0 };
	enum err err;

	TRY(open_chart(p, c));
	if (p->source.db == NULL)
		return OK;
	err = sql_prove_chart(&p->source.ctx, &(struct prove_chart_in){ .id = c->id }, &found);
	if (err != OK)
		return cannot_read(p, &p->source, err);
	theirs = found.items;
	if (found.count == 1 && theirs->version > c->version)
		return OK; /* corrected since the backup */
	if (found.count != 1 || theirs->version < c->version || !same_chart(c, theirs)) {
		snprintf(p->why, 200, "a record of the sample differs from the source's");
		return ERR_STATE;
	}
	p->proof->charts_compared++;
	return OK;
}

/* Ids begin with their time: a random one finds a random chart of the last ten years. */
static enum err
compare_sample(struct proving *p)
{
	struct list found = { 0 };

	for (int i = 0; i < PROVE_SAMPLE; i++) {
		struct prove_sample_in in = { .from_id = { { 0 } } };
		uint32_t chance;
		enum err err;

		random_bytes(&chance, sizeof chance);
		if (i % 2) /* half of them among the newest thousand hours, where most happens */
			in.from_id = id_at((struct instant){
			        p->proof->reached.ms - (int64_t)chance % INT64_C(3600000000) });
		else if (i > 0)
			in.from_id = id_at((struct instant){ p->proof->reached.ms - (int64_t)chance * 73 });
		err = sql_prove_sample(&p->restored.ctx, &in, &found);
		if (err != OK)
			return cannot_read(p, &p->restored, err);
		if (found.count > 0)
			TRY(compare_chart(p, found.items));
	}
	return OK;
}

static enum err
compare_tenant(struct proving *p, struct id tenant)
{
	p->restored.ctx.tenant = p->source.ctx.tenant = tenant;
	TRY(same_count(p, "patients", count_patients, &p->proof->patients));
	TRY(same_count(p, "records", count_records, &p->proof->records));
	TRY(same_count(p, "versions of records", count_versions, &p->proof->record_versions));
	return compare_sample(p);
}

/* ---- the trail */

static enum err
verify_trail(struct proving *p)
{
	struct trail_keys keys;
	struct audit_verify_conf conf = { .keys = &keys, .grace_ms = GRACE_MS };
	struct audit_verdict v;
	enum err err;

	if (p->keyring == NULL)
		return OK;
	err = trail_keys_read(&p->restored.ctx, p->keyring, &keys);
	if (err != OK) {
		snprintf(p->why, 200, "the audit trail's keys do not open: %.140s", p->restored.ctx.why);
		return ERR_STATE;
	}
	err = audit_verify_store(p->restored_store, &conf, &v, p->why);
	if (err != OK || v.first.fault == FAULT_NONE)
		return err;
	snprintf(p->why, 200, "the audit trail is not whole: %s, batch %lld: %.120s",
	        audit_fault_word(v.first.fault), (long long)v.first.batch, v.first.detail);
	return ERR_STATE;
}

static enum err
prove(struct proving *p)
{
	const struct prove_tenant *tenants;
	struct list all = { 0 };
	enum err err = sql_prove_tenants(&p->restored.ctx, &all);

	if (err != OK)
		return cannot_read(p, &p->restored, err);
	tenants = all.items;
	p->proof->institutions = (int64_t)all.count;
	TRY(same_count(p, "audit entries", count_entries, &p->proof->audit_entries));
	for (size_t i = 0; i < all.count; i++)
		TRY(compare_tenant(p, tenants[i].id));
	return verify_trail(p);
}

enum err
prove_store(
        struct store *restored, struct store *source, struct keyring *keyring, struct proof *proof, char *why)
{
	struct proving p = { .restored_store = restored,
		.keyring = keyring,
		.proof = proof,
		.until_ms = proof->reached.ms - LATE_MS,
		.why = why };
	enum err err;

	proof->source = source != NULL;
	proof->keys = keyring != NULL;
	err = side_open(&p.restored, restored, why);
	if (err == OK && source != NULL)
		err = side_open(&p.source, source, why);
	p.source.ctx.now = p.restored.ctx.now;
	if (err == OK)
		err = prove(&p);
	side_close(&p.restored);
	side_close(&p.source);
	return err;
}

enum err
prove_newest(struct store *store, int64_t *ms, char *why)
{
	struct side s = { .db = NULL };
	struct prove_number n = { 0 };
	enum err err = side_open(&s, store, why);

	if (err == OK && (err = sql_prove_newest_entry(&s.ctx, &n)) != OK)
		snprintf(why, 200, "%.190s", s.ctx.why);
	side_close(&s);
	*ms = n.n;
	return err;
}
