/* serve.c - plantao serve: opens everything in order, listens, and on SIGTERM
 * finishes what is running before it lets go. */
#include "cmd/app.h"
#include "cmd/confine.h"
#include "cmd/handover.h"
#include "cmd/keeper.h"
#include "features/assistant/wording.h"
#include "features/auth/auth_http.h"
#include "features/hansen/hansen.h"
#include "features/incidents/watch.h"
#include "features/system/health.h"
#include "http/batch.h"
#include "http/router.h"
#include "http/spine.h"
#include "ops/audit_seal.h"
#include "ops/backup_proof.h"
#include "ops/backup_ship.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "sys/proc.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct running {
	struct app app;
	struct batch_pool *pool;
	struct server *server;
	struct audit_sealer *sealer;
	bool waits_for_lock;
};

enum { LOOK_MS = 100, SUCCESSOR_MS = 60000, LINGER_MS = 3000 };

static void
refresh_figures(void *arg)
{
	struct running *r = arg;
	struct server_figures f = server_figures(r->server);

	metric_set(M_HTTP_CONNECTIONS, 0, f.connections);
	metric_set(M_RSS, 0, proc_rss());
	metric_set(M_OPEN_FDS, 0, proc_open_fds());
}

static void
name_labels(void)
{
	static const char *routes[513];
	static char statuses[600][4];
	static const char *status[600];
	unsigned n = route_count();

	for (unsigned i = 0; i < n; i++)
		routes[i] = route_name(i);
	routes[n] = "none";
	for (int i = 0; i < 600; i++) {
		snprintf(statuses[i], sizeof statuses[i], "%03d", i);
		status[i] = statuses[i];
	}
	metric_labels(M_HTTP_REQUESTS, routes, n + 1);
	metric_labels(M_HTTP_SECONDS, routes, n + 1);
	metric_labels(M_HTTP_STATUS, status, 600);
}

/* The certificate, its key and the socket: what is out of reach later. */
static int
open_edge(struct running *r)
{
	const struct conf *c = r->app.conf;
	char why[200] = "";
	struct server_conf sc = { .listen = c->listen,
		.listen_fd = handover_socket(),
		.tls_cert = c->tls_cert_file[0] ? c->tls_cert_file : NULL,
		.tls_key = c->tls_key_file[0] ? c->tls_key_file : NULL,
		.threads = (unsigned)c->edge_threads,
		.body_max = (size_t)c->body_max_kib << 10,
		.header_max = (size_t)c->header_max_kib << 10,
		.header_timeout_ms = (int)c->header_timeout_ms,
		.body_timeout_ms = (int)c->body_timeout_ms,
		.idle_timeout_ms = (int)c->idle_timeout_ms,
		.connections_max = (unsigned)c->max_connections,
		.connections_per_address_max = (unsigned)c->max_connections_per_address,
		.trusted_proxies = c->trusted_proxies };

	if (server_open(&sc, &r->server, why) != OK)
		return app_say(&r->app, "%s", why);
	return EXIT_DONE;
}

static int
start_edge(struct running *r)
{
	char why[200] = "";

	if (batch_start(r->app.conf, r->app.store, wording_threads(), &r->pool, why) != OK)
		return app_say(&r->app, "%s", why);
	if (server_run(r->server, batch_request, spine_edge_problem, r->pool, why) != OK)
		return app_say(&r->app, "%s", why);
	return EXIT_DONE;
}

static bool
has_backup(const struct running *r)
{
	return backup_is_configured(r->app.conf) && store_engine(r->app.store) == ENGINE_SQLITE;
}

/* Another process takes them (plantao backup watch); the server sees whether they are proven. */
static bool
has_postgres_backup(const struct running *r)
{
	return backup_is_configured(r->app.conf) && store_engine(r->app.store) == ENGINE_POSTGRES;
}

static int
open_backup(struct running *r)
{
	char why[200] = "";

	if ((has_backup(r) && backup_ship_open(r->app.conf, r->app.store, why) != OK) ||
	        ((has_backup(r) || has_postgres_backup(r)) &&
	                backup_watch_open(r->app.conf, r->app.store, r->app.keyring, why) != OK))
		return app_say(
		        &r->app, "the backup does not begin: %s (`plantao backup init` makes the key)", why);
	return EXIT_DONE;
}

/* later: a successor that has just become the server, which cannot be refused any more. */
static int
start_backup(struct running *r, bool later)
{
	char why[200] = "";

	if (!has_backup(r) && !has_postgres_backup(r))
		return EXIT_DONE;
	if (has_backup(r) && backup_ship_start(later, why) != OK)
		return app_say(&r->app, "the backup does not begin: %s", why);
	if (backup_watch_start(why) != OK)
		return app_say(&r->app, "%s", why);
	return EXIT_DONE;
}

static void
announce(struct running *r)
{
	const char *listen = r->app.conf->listen, *colon = strrchr(listen, ':');
	int host = colon ? (int)(colon - listen) : (int)strlen(listen);

	log_event(EV_STARTED, { "port", LOG_I(server_port(r->server)) },
	        { "engine", LOG_S(store_engine(r->app.store) == ENGINE_SQLITE ? "sqlite" : "postgres") });
	printf("listening on %s://%.*s:%d\n", r->app.conf->tls_cert_file[0] ? "https" : "http", host, listen,
	        server_port(r->server));
	fflush(stdout);
}

static void
our_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGUSR2);
}

/* A successor works beside its predecessor on the embedded database until that lets the
 * lock go; only then is it the server, and only then does its backup begin. */
static void
become_the_server(struct running *r)
{
	if (!r->waits_for_lock || !store_claim(r->app.store))
		return;
	r->waits_for_lock = false;
	(void)start_backup(r, true);
}

/* Until a stop is asked for.  true: a successor has taken over. */
static bool
wait_for_end(struct running *r)
{
	struct timespec look = { 0, LOOK_MS * 1000000 };
	sigset_t set;
	int sig;

	our_signals(&set);
	for (;;) {
		sig = sigtimedwait(&set, NULL, &look);
		if (sig == SIGTERM || sig == SIGINT)
			return false;
		if (sig == SIGUSR2 && !r->waits_for_lock &&
		        handover_start(server_listen_fd(r->server), SUCCESSOR_MS))
			return true;
		become_the_server(r);
	}
}

static void
block_signals(void)
{
	sigset_t set;

	our_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
}

/* Each client's next answer tells it to come again; who says nothing is let go after a while. */
static void
linger(struct running *r)
{
	for (int ms = 0; ms < LINGER_MS && server_figures(r->server).connections > 0; ms += LOOK_MS)
		nanosleep(&(struct timespec){ 0, LOOK_MS * 1000000 }, NULL);
}

static void
stop(struct running *r, bool succeeded)
{
	int timeout_ms = (int)r->app.conf->shutdown_timeout_ms;

	log_event(EV_STOPPING);
	health_drain();
	server_drain(r->server);
	if (succeeded)
		linger(r);
	server_stop(r->server, timeout_ms);
	batch_stop(r->pool);
	health_stop();
	hansen_stop();
	watch_stop();
	audit_seal_stop(r->sealer); /* what the others wrote last is sealed too */
	backup_watch_stop();
	backup_ship_stop();
	log_event(EV_STOPPED);
}

/* Everything that needs a file which is out of reach afterwards, then the walls. */
static int
close_doors(struct running *r)
{
	char why[200] = "";
	int exit = open_edge(r);

	if (exit == EXIT_DONE)
		exit = open_backup(r);
	if (exit == EXIT_DONE && confine(&r->app, why) != OK)
		return app_say(&r->app, "%s (confinement = false starts without it)", why);
	return exit;
}

static int
start_watches(struct running *r)
{
	char why[200] = "";

	if (health_start(r->app.conf, r->app.store, r->app.keyring, why) != OK || hansen_start(why) != OK)
		return app_say(&r->app, "%s", why);
	if (watch_start(r->app.store) != OK)
		return app_say(&r->app, "no thread for the watch");
	return EXIT_DONE;
}

static int
serve(struct running *r, bool demo)
{
	const char *bad = router_init();
	char why[200] = "";
	int exit;

	if (bad != NULL)
		return app_say(&r->app, "will not start: %s", bad);
	if (wording_init(r->app.conf, why) != OK) /* before there is anything to be undone */
		return app_say(&r->app, "%s", why);
	if (demo && (exit = serve_demo(&r->app)) != EXIT_DONE)
		return exit;
	if ((exit = close_doors(r)) != EXIT_DONE)
		return exit;
	spine_init(r->app.conf);
	auth_init(r->app.conf);
	name_labels();
	if ((exit = start_watches(r)) != EXIT_DONE)
		return exit;
	if (r->waits_for_lock && has_backup(r))
		backup_ship_hold(r->app.conf, r->app.store);
	else if ((exit = start_backup(r, false)) != EXIT_DONE)
		return exit;
	if (audit_seal_start(r->app.store, r->app.keyring, r->app.conf->audit_heads_file, &r->sealer, why) !=
	        OK)
		return app_say(&r->app, "%s", why);
	if ((exit = start_edge(r)) != EXIT_DONE) {
		audit_seal_stop(r->sealer);
		return exit;
	}
	metric_set(M_UP_SINCE, 0, clock_now().ms / 1000);
	metrics_on_print(refresh_figures, r);
	announce(r);
	handover_ready();
	stop(r, wait_for_end(r));
	return EXIT_DONE;
}

static enum log_level
log_level_of(const char *name)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };

	for (unsigned i = 0; i < COUNT(names); i++)
		if (strcmp(name, names[i]) == 0)
			return (enum log_level)i;
	return LOG_INFO;
}

int
cmd_serve(const struct conf *conf, int argc, char **argv)
{
	static const struct option options[] = { { "demo", 0, 0, 'd' }, { 0 } };
	struct running r = { 0 };
	char why[200] = "";
	bool demo = false;
	int c, exit;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c != 'd')
			return cmd_usage("serve", "unknown option");
		demo = true;
	}
	if (optind < argc)
		return cmd_usage("serve", "unexpected \"%s\"", argv[optind]);
	if (demo && strncmp(conf->listen, "127.", 4) != 0 && strncmp(conf->listen, "[::1]", 5) != 0)
		return cmd_usage("serve", "--demo binds loopback only, not %s", conf->listen);
	log_init(log_level_of(conf->log_level), strcmp(conf->log_format, "json") == 0);
	block_signals();
	proc_harden();
	r.app.name = "serve";
	if (keeper_start(conf, why) != OK)
		return app_say(&r.app, "%s", why);
	r.waits_for_lock = handover_is_successor();
	if (!proc_raise_fds((unsigned)conf->max_connections + 256))
		log_event(EV_FD_LIMIT, { "wanted", LOG_I(conf->max_connections + 256) });
	exit = app_open(&r.app, "serve", conf,
	        &(struct app_needs){ .exclusive = !r.waits_for_lock, .make_key = demo });
	if (exit == EXIT_DONE)
		exit = serve(&r, demo);
	keeper_stop();
	app_close(&r.app);
	return exit;
}
