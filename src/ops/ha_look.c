/* ha_look.c - what the cluster says of itself, by the tools of those who run it. */
#include "ops/ha.h"
#include "base/json.h"
#include "sys/crypto.h"
#include "sys/run.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 15000, SWITCH_MS = 60000, DRAIN_S = 30, OUTPUT_MAX = 256 << 10, PAUSE_MS = 100 };

static void
pause_ms(int ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static enum err
patronictl(const struct ha_place *p, const char *const words[], int timeout_ms, struct buf *out, char *why)
{
	const char *argv[16] = { "patronictl", "-c" };
	char conf[2 * HA_VALUE];
	int n = 3, exit;

	snprintf(conf, sizeof conf, "%s/patroni/patroni.yml", p->dir);
	argv[2] = conf;
	while (*words != NULL && n < 15)
		argv[n++] = *words++;
	exit = run_program(argv, timeout_ms, out);
	if (exit == 0)
		return OK;
	snprintf(why, HA_WHY, "patronictl: %s: %.*s",
	        exit == RUN_NOT_STARTED ? "it is not installed" : "failed",
	        (int)(out->n > 200 ? 200 : out->n), out->p ? out->p : "");
	return ERR_STORE_UNAVAILABLE;
}

/* ---- Patroni's members */

static void
keep_text(char *out, size_t room, struct str s)
{
	snprintf(out, room, "%.*s", STR_FMT(s));
}

static void
take_member(const struct json_node *m, struct ha_view *v)
{
	struct str role = node_text(node_member(m, "Role")), name = node_text(node_member(m, "Member")),
	           state = node_text(node_member(m, "State"));
	double timeline = 0, lag = 0;

	if (str_is(state, "running") || str_is(state, "streaming"))
		v->members++;
	if (str_is(role, "Leader") && str_is(state, "running")) {
		keep_text(v->leader, sizeof v->leader, name);
		if (node_number(node_member(m, "TL"), &timeline))
			v->timeline = (int64_t)timeline;
	}
	if (str_is(role, "Sync Standby") && (str_is(state, "running") || str_is(state, "streaming"))) {
		keep_text(v->standby, sizeof v->standby, name);
		if (node_number(node_member(m, "Lag in MB"), &lag))
			v->lag_bytes = (int64_t)(lag * 1048576);
	}
}

/* With hosts out of reach it complains on the way: the list begins where the array does. */
static struct str
from_array(const struct buf *b)
{
	const char *at = b->p ? memmem(b->p, b->n, "[{", 2) : NULL;

	return at ? (struct str){ at, b->n - (size_t)(at - b->p) } : buf_view(b);
}

static enum err
look_members(const struct ha_place *p, struct ha_view *v, char *why)
{
	const char *as_json[] = { "list", "-f", "json", NULL }, *as_text[] = { "list", NULL };
	struct arena *arena = arena_new(1 << 20);
	const struct json_node *root;
	char bad[200] = "";
	struct buf b;
	enum err err;

	buf_init(&b, OUTPUT_MAX);
	err = patronictl(p, as_json, LOOK_MS, &b, why);
	if (err == OK && json_tree_read(arena, from_array(&b), &root, bad) != OK) {
		snprintf(why, HA_WHY, "patronictl's answer: %s", bad);
		err = ERR_INTERNAL;
	}
	for (size_t i = 0; err == OK && i < node_count(root); i++)
		take_member(node_item(root, i), v);
	arena_free(arena);
	buf_reset(&b);
	if (err == OK && patronictl(p, as_text, LOOK_MS, &b, why) == OK)
		keep_text(v->text, sizeof v->text, buf_view(&b));
	buf_free(&b);
	return err;
}

/* ---- etcd's votes */

static bool
votes(const struct ha_place *p, enum ha_host h)
{
	char at[2 * HA_VALUE + 16], ca[2 * HA_VALUE], cert[2 * HA_VALUE], key[2 * HA_VALUE];
	const char *argv[] = { "env", "ETCDCTL_API=3", "etcdctl", "--endpoints", at, "--cacert", ca, "--cert",
		cert, "--key", key, "--dial-timeout", "2s", "--command-timeout", "3s", "endpoint", "health",
		NULL };
	struct buf b;
	int exit;

	snprintf(at, sizeof at, "https://%s:%s", ha_address(&p->conf, h), p->conf.values[HA_KEY_etcd_port]);
	snprintf(ca, sizeof ca, "%s/etcd/ca.pem", p->dir);
	snprintf(cert, sizeof cert, "%s/etcd/tls.pem", p->dir);
	snprintf(key, sizeof key, "%s/etcd/tls.key", p->dir);
	buf_init(&b, OUTPUT_MAX);
	exit = run_program(argv, LOOK_MS, &b);
	buf_free(&b);
	return exit == 0;
}

enum err
ha_look(const struct ha_place *p, struct ha_view *out, char *why)
{
	struct ha_view v = { .lag_bytes = -1 };

	TRY(look_members(p, &v, why));
	for (int h = 0; h < HA_HOSTS; h++)
		v.voters += votes(p, (enum ha_host)h);
	*out = v;
	return OK;
}

/* ---- switchover */

enum err
ha_switchover(const struct ha_place *p, int64_t *ms, char *why)
{
	const char *words[] = { "switchover", "--force", NULL };
	uint64_t before_ns;
	struct ha_view before = { 0 }, now = { 0 };
	struct buf b;
	enum err err;

	TRY(look_members(p, &before, why));
	if (before.leader[0] == 0 || before.standby[0] == 0) {
		snprintf(why, HA_WHY, "refused: %s",
		        before.leader[0] ? "there is no synchronous standby to take over"
		                         : "there is no primary");
		return ERR_STATE;
	}
	buf_init(&b, OUTPUT_MAX);
	before_ns = clock_mono_ns();
	err = patronictl(p, words, SWITCH_MS, &b, why);
	buf_free(&b);
	TRY(err);
	while (clock_mono_ns() - before_ns < SWITCH_MS * 1000000ull) {
		now = (struct ha_view){ 0 };
		if (look_members(p, &now, why) == OK && strcmp(now.leader, before.standby) == 0) {
			*ms = (int64_t)(clock_mono_ns() - before_ns) / 1000000;
			return OK;
		}
		pause_ms(PAUSE_MS);
	}
	snprintf(why, HA_WHY, "%s did not become primary", before.standby);
	return ERR_BUSY;
}

/* ---- HAProxy */

static enum err
haproxy_ask(const struct ha_place *p, const char *line, struct buf *answer, char *why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char path[2 * HA_VALUE], piece[4096];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ssize_t n = -1;

	ha_path(&p->conf, HA_KEY_state_dir, p->host, path);
	snprintf(path + strlen(path), HA_VALUE, "/haproxy/admin.sock");
	if (fd >= 0 && strlen(path) < sizeof at.sun_path) {
		memcpy(at.sun_path, path, strlen(path));
		if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0 && dprintf(fd, "%s\n", line) > 0)
			while ((n = read(fd, piece, sizeof piece)) > 0)
				buf_add(answer, piece, (size_t)n);
	}
	if (fd >= 0)
		close(fd);
	if (n == 0)
		return OK;
	snprintf(why, HA_WHY, "HAProxy does not answer at %.300s: run this on the witness", path);
	return ERR_STORE_UNAVAILABLE;
}

/* Field 5 of `show stat` is how many sessions a server has now. */
static int64_t
sessions(struct str stat, const char *server)
{
	char head[40];
	int64_t n = -1;

	snprintf(head, sizeof head, "app,%s,", server);
	while (stat.n > 0) {
		const char *end = memchr(stat.p, '\n', stat.n), *p = stat.p;
		size_t line = end ? (size_t)(end - stat.p) + 1 : stat.n;

		if (str_starts(stat, head)) {
			for (int i = 0; i < 4 && p != NULL; i++) {
				p = memchr(p, ',', (size_t)(stat.p + line - p));
				p = p ? p + 1 : NULL;
			}
			return p != NULL && str_int((struct str){ p, strcspn(p, ",") }, &n) ? n : -1;
		}
		stat = (struct str){ stat.p + line, stat.n - line };
	}
	return -1;
}

static enum err
until_empty(const struct ha_place *p, const char *server, char *why)
{
	for (int i = 0; i < DRAIN_S * 10; i++) {
		struct buf b;
		int64_t n;

		buf_init(&b, OUTPUT_MAX);
		TRY(haproxy_ask(p, "show stat", &b, why));
		n = sessions(buf_view(&b), server);
		buf_free(&b);
		if (n == 0)
			return OK;
		pause_ms(PAUSE_MS);
	}
	snprintf(why, HA_WHY, "%s still has sessions after %d s", server, DRAIN_S);
	return ERR_BUSY;
}

enum err
ha_balance(const struct ha_place *p, enum ha_host node, const char *state, char *why)
{
	char line[120];
	struct buf b;
	enum err err;

	snprintf(line, sizeof line, "set server app/%s state %s", ha_host_name(node), state);
	buf_init(&b, OUTPUT_MAX);
	err = haproxy_ask(p, line, &b, why);
	if (err == OK && b.n > 1) {
		snprintf(why, HA_WHY, "HAProxy: %.*s", (int)(b.n > 300 ? 300 : b.n), b.p);
		err = ERR_INVALID;
	}
	buf_free(&b);
	TRY(err);
	return strcmp(state, "drain") == 0 ? until_empty(p, ha_host_name(node), why) : OK;
}
