/* checks.c - the checks themselves.  Each looks at one thing, says what it saw in its
 * evidence, and changes nothing. */
#include "ops/checks.h"
#include "ops/audit_verify.h"
#include "ops/backup_proof.h"
#include "store/migrate.h"
#include "sys/files.h"
#include "sys/proc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

enum {
	HOUR_MS = 3600000,
	PROOFS_LOOKED_AT = 32,
	MEMORY_WARN = 90,
	AUDIT_LOOK_MS = 86400000,
	AUDIT_GRACE_MS = 30000
};

#define CHECKS_OWN
#define CHECK(name, ...) static check_run_fn name;
#include "ops/checks.def"
#undef CHECK
#undef CHECKS_OWN

const struct check checks[] = {
#define CHECK(name, pt, en) { #name, name, pt, en },
#include "ops/checks.def"
#undef CHECK
	{ NULL, NULL, NULL, NULL },
};

const char *
check_result_name(enum check_result r)
{
	static const char *const names[] = { "unset", "ok", "warn", "fail", "skipped" };

	assert(r < COUNT(names));
	return names[r];
}

#define SAY(...) (void)snprintf(evidence, 200, __VA_ARGS__)

static enum check_result
private_mode(const char *path, unsigned others, char evidence[static 200])
{
	struct stat st;

	if (stat(path, &st) != 0) {
		SAY("%.150s: %s", path, strerror(errno));
		return CHECK_FAIL;
	}
	SAY("%.150s has mode %03o", path, st.st_mode & 0777);
	return st.st_mode & others ? CHECK_FAIL : CHECK_OK;
}

void
checks_as_server(const struct conf *conf, bool on)
{
	struct stat st;
	uid_t uid = on && stat(conf->data_dir, &st) == 0 ? st.st_uid : 0;

	if (getuid() == 0 && seteuid(uid) != 0)
		abort(); /* root may always */
}

static enum check_result
data_dir_private(const struct checked *c, char evidence[static 200])
{
	return private_mode(c->conf->data_dir, 077, evidence);
}

static enum check_result
data_dir_space(const struct checked *c, char evidence[static 200])
{
	int64_t mib = file_disk_free(c->conf->data_dir) >> 20;

	SAY("%lld MiB free, %lld wanted", (long long)mib, (long long)c->conf->health_disk_free_mib);
	return mib >= c->conf->health_disk_free_mib ? CHECK_OK : CHECK_FAIL;
}

static enum check_result
master_key(const struct checked *c, char evidence[static 200])
{
	bool healthy;

	SAY("%.190s", c->keyring ? "read, and still readable" : c->key_why);
	if (c->keyring == NULL)
		return CHECK_FAIL;
	checks_as_server(c->conf, true);
	healthy = keyring_healthy(c->keyring);
	checks_as_server(c->conf, false);
	if (healthy)
		return CHECK_OK;
	SAY("it cannot be read any more");
	return CHECK_FAIL;
}

static enum check_result
database_reachable(const struct checked *c, char evidence[static 200])
{
	if (c->db != NULL)
		SAY("%s", store_engine(c->store) == ENGINE_SQLITE ? "sqlite" : "postgres");
	else
		SAY("%.190s", c->why[0] ? c->why : "not opened");
	return c->db != NULL ? CHECK_OK : CHECK_FAIL;
}

static enum check_result
database_writable(const struct checked *c, char evidence[static 200])
{
	enum err err;

	SAY("not opened");
	if (c->db == NULL)
		return CHECK_SKIPPED;
	err = db_begin(c->ctx, c->db, TX_WRITE);
	if (err == OK)
		err = db_commit(c->ctx);
	SAY("%.190s", err == OK ? "a write transaction began and ended" : c->ctx->why);
	return err == OK ? CHECK_OK : CHECK_FAIL;
}

static enum check_result
database_version(const struct checked *c, char evidence[static 200])
{
	SAY("the database has %d, this program %d", c->version, store_version_newest());
	if (c->db == NULL)
		return CHECK_SKIPPED;
	return c->version == store_version_newest() ? CHECK_OK : CHECK_FAIL;
}

static enum check_result
memory(const struct checked *c, char evidence[static 200])
{
	int percent = proc_memory_percent();

	SAY("%d %% used", percent);
	if (percent > c->conf->health_memory_percent)
		return CHECK_FAIL;
	return percent > MEMORY_WARN ? CHECK_WARN : CHECK_OK;
}

static enum check_result
descriptors(const struct checked *c, char evidence[static 200])
{
	struct rlimit limit = { 0, 0 };

	getrlimit(RLIMIT_NOFILE, &limit);
	SAY("hard limit %llu, max_connections %lld", (unsigned long long)limit.rlim_max,
	        (long long)c->conf->max_connections);
	return limit.rlim_max >= (rlim_t)c->conf->max_connections + 256 ? CHECK_OK : CHECK_WARN;
}

/* The kernel knows whether somebody disciplines the clock. */
static enum check_result
clock(const struct checked *c, char evidence[static 200])
{
	struct timex t = { 0 };
	int state = adjtimex(&t);

	(void)c;
	if (state < 0) {
		SAY("the kernel does not say");
		return CHECK_SKIPPED;
	}
	SAY("%s, estimated error %ld us", state == TIME_ERROR ? "not synchronised" : "synchronised",
	        t.esterror);
	return state == TIME_ERROR ? CHECK_WARN : CHECK_OK;
}

static enum check_result
core_dumps(const struct checked *c, char evidence[static 200])
{
	struct rlimit limit = { 0, 0 };

	(void)c;
	getrlimit(RLIMIT_CORE, &limit);
	SAY("limit %llu here; the server sets 0 and cannot be dumped", (unsigned long long)limit.rlim_cur);
	return CHECK_OK;
}

static bool
on_loopback(const char *listen)
{
	return strncmp(listen, "127.", 4) == 0 || strncmp(listen, "[::1]", 5) == 0;
}

static enum check_result
tls(const struct checked *c, char evidence[static 200])
{
	if (c->conf->tls_cert_file[0]) {
		SAY("certificate %.150s", c->conf->tls_cert_file);
		return access(c->conf->tls_cert_file, R_OK) == 0 ? CHECK_OK : CHECK_FAIL;
	}
	SAY("plain HTTP on %.100s", c->conf->listen);
	return on_loopback(c->conf->listen) ? CHECK_OK : CHECK_FAIL;
}

static enum check_result
tls_key_private(const struct checked *c, char evidence[static 200])
{
	SAY("no TLS key");
	return c->conf->tls_key_file[0] ? private_mode(c->conf->tls_key_file, 077, evidence) : CHECK_SKIPPED;
}

static enum check_result
rate_limits(const struct checked *c, char evidence[static 200])
{
	const struct conf *f = c->conf;

	SAY("read %lld, write %lld, login %lld a minute", (long long)f->rate_limit_read_per_min,
	        (long long)f->rate_limit_write_per_min, (long long)f->rate_limit_login_per_min);
	return f->rate_limit_read_per_min && f->rate_limit_write_per_min && f->rate_limit_login_per_min
	               ? CHECK_OK
	               : CHECK_WARN;
}

/* ---- backups */

static bool
is_embedded(const struct checked *c)
{
	return strncmp(c->conf->database_url, "postgres", 8) != 0;
}

static enum check_result
backup_configured(const struct checked *c, char evidence[static 200])
{
	struct backup b = { 0 };
	enum err err;

	err = backup_open(c->conf, &b, evidence);
	if (err != OK)
		return backup_is_configured(c->conf) ? CHECK_FAIL : CHECK_WARN;
	SAY("%.150s", b.target->text);
	backup_close(&b);
	return CHECK_OK;
}

static enum check_result
newest_age(const struct checked *c, const struct backup *b, char evidence[static 200])
{
	struct backup_base *all = calloc(BACKUPS_MAX, sizeof *all);
	enum check_result result = CHECK_FAIL;
	size_t n = 0;

	if (all != NULL && backup_list(b, all, &n, evidence) == OK) {
		int64_t age_ms = n ? c->ctx->now.ms - all[0].last_ms : -1;

		if (n > 0)
			SAY("%s, %lld s behind", all[0].name, (long long)age_ms / 1000);
		else
			SAY("there is none");
		/* An idle server commits nothing: an old last segment alone is no fault. */
		result = n == 0 ? CHECK_FAIL : age_ms > 25 * (int64_t)HOUR_MS ? CHECK_WARN : CHECK_OK;
	}
	free(all);
	return result;
}

/* PostgreSQL's backups belong to its own account; what everybody may read is their proofs. */
static enum check_result
newest_proof(const struct checked *c, const struct backup *b, char evidence[static 200])
{
	struct proof_record records[PROOFS_LOOKED_AT];
	const struct proof *p;
	int64_t age_ms;
	size_t n = 0;

	if (backup_proofs(b, c->ctx->arena, records, COUNT(records), &n, evidence) != OK)
		return CHECK_FAIL;
	p = proofs_newest_good(records, n);
	SAY("none of the last %zu restores proved a backup in full", n);
	if (p == NULL)
		return CHECK_FAIL;
	age_ms = c->ctx->now.ms - p->at.ms;
	SAY("%.*s was proven by a restore %lld h ago%s", STR_FMT(p->backup), (long long)(age_ms / HOUR_MS),
	        proofs_failed_last(records, n) ? ", the last one since then failed" : "");
	return proofs_failed_last(records, n) || age_ms > c->conf->backup_prove_max_hours * HOUR_MS
	               ? CHECK_WARN
	               : CHECK_OK;
}

static enum check_result
backup_recent(const struct checked *c, char evidence[static 200])
{
	struct backup b = { 0 };
	enum check_result result;

	SAY("no backup is configured");
	if (backup_open(c->conf, &b, evidence) != OK)
		return CHECK_SKIPPED;
	result = is_embedded(c) ? newest_age(c, &b, evidence) : newest_proof(c, &b, evidence);
	backup_close(&b);
	return result;
}

static enum check_result
backup_elsewhere(const struct checked *c, char evidence[static 200])
{
	struct stat here, there;

	SAY("no backup is configured");
	if (!is_embedded(c) || c->conf->backup_dir[0] == 0 || stat(c->conf->data_dir, &here) != 0 ||
	        stat(c->conf->backup_dir, &there) != 0)
		return CHECK_SKIPPED;
	SAY("data_dir and backup_dir are on %s",
	        here.st_dev == there.st_dev ? "one file system" : "different file systems");
	return here.st_dev == there.st_dev ? CHECK_WARN : CHECK_OK;
}

/* ---- the audit trail */

static enum err
verify_since_yesterday(const struct checked *c, struct audit_verdict *out, char *why)
{
	struct trail_keys keys;
	struct audit_verify_conf vc = { .keys = &keys,
		.since = { c->ctx->now.ms - AUDIT_LOOK_MS },
		.grace_ms = AUDIT_GRACE_MS,
		.live = true };
	enum err err;

	TRY(db_begin(c->ctx, c->db, TX_READ));
	err = trail_keys_read(c->ctx, c->keyring, &keys);
	db_rollback(c->ctx);
	return err == OK ? audit_verify_store(c->store, &vc, out, why) : err;
}

static enum check_result
audit_sealed(const struct checked *c, char evidence[static 200])
{
	struct audit_verdict v;
	char why[200] = "the audit keys cannot be read";

	SAY("not opened");
	if (c->db == NULL || c->keyring == NULL)
		return CHECK_SKIPPED;
	if (verify_since_yesterday(c, &v, why) != OK)
		SAY("%.190s", why);
	else if (v.first.fault != FAULT_NONE)
		SAY("%s, batch %lld, entry %lld: %.120s", audit_fault_word(v.first.fault),
		        (long long)v.first.batch, (long long)v.first.seq, v.first.detail);
	else {
		SAY("%lld entries of the last day verified, up to head %lld", (long long)v.entries,
		        (long long)v.last.number);
		return CHECK_OK;
	}
	return CHECK_FAIL;
}

static enum check_result
audit_elsewhere(const struct checked *c, char evidence[static 200])
{
	const char *file = c->conf->audit_heads_file, *dir = c->conf->data_dir;

	SAY("%.180s", file[0] ? file : "the signed heads are kept nowhere but in the database");
	if (file[0] == 0)
		return CHECK_WARN;
	return strncmp(file, dir, strlen(dir)) == 0 ? CHECK_WARN : CHECK_OK;
}
