/* checks_ha.c - the doctor's look at a cluster: only where ha_dir names this host's folder. */
#include "ops/checks.h"
#include "ops/ha.h"
#include "sys/cert.h"
#include "sys/crypto.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LAG_WARN = 16 << 20, CERT_WARN_DAYS = 30, DAY_MS = 86400000, CONNECT_MS = 2000 };

#define SAY(...) (void)snprintf(evidence, 200, __VA_ARGS__)

/* Looked at once: each look runs several programs. */
static struct {
	bool looked;
	enum err opened, seen;
	struct ha_place place;
	struct ha_view view;
	char why[HA_WHY];
} h;

static bool
in_cluster(const struct checked *c, char evidence[static 200])
{
	if (c->conf->ha_dir[0] == 0) {
		SAY("ha_dir is not set: no cluster");
		return false;
	}
	if (h.looked)
		return true;
	h.looked = true;
	h.opened = ha_place_open(c->conf->ha_dir, &h.place, h.why);
	h.seen = h.opened == OK ? ha_look(&h.place, &h.view, h.why) : h.opened;
	return true;
}

enum check_result
ha_primary(const struct checked *c, char evidence[static 200])
{
	if (!in_cluster(c, evidence))
		return CHECK_SKIPPED;
	if (h.seen != OK)
		SAY("%.190s", h.why);
	else
		SAY("%s, timeline %lld", h.view.leader[0] ? h.view.leader : "nobody takes writes",
		        (long long)h.view.timeline);
	return h.seen == OK && h.view.leader[0] ? CHECK_OK : CHECK_FAIL;
}

enum check_result
ha_standby(const struct checked *c, char evidence[static 200])
{
	if (!in_cluster(c, evidence))
		return CHECK_SKIPPED;
	SAY("%.190s", h.seen != OK ? h.why : h.view.standby[0] ? h.view.standby : "no synchronous standby");
	return h.seen == OK && h.view.standby[0] ? CHECK_OK : CHECK_FAIL;
}

enum check_result
ha_lag(const struct checked *c, char evidence[static 200])
{
	if (!in_cluster(c, evidence))
		return CHECK_SKIPPED;
	SAY("%lld bytes", (long long)h.view.lag_bytes);
	if (h.seen != OK || h.view.lag_bytes < 0)
		return CHECK_FAIL;
	return h.view.lag_bytes > LAG_WARN ? CHECK_WARN : CHECK_OK;
}

enum check_result
ha_quorum(const struct checked *c, char evidence[static 200])
{
	if (!in_cluster(c, evidence))
		return CHECK_SKIPPED;
	SAY("%u of 3 votes", h.view.voters);
	return h.view.voters == 3 ? CHECK_OK : h.view.voters == 2 ? CHECK_WARN : CHECK_FAIL;
}

static bool
reachable(const char *address, const char *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	struct pollfd p = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
		.events = POLLOUT };
	int64_t n = 0;
	int failed = 1;
	socklen_t size = sizeof failed;

	if (p.fd < 0 || !str_int(str_of(port), &n) || inet_pton(AF_INET, address, &at.sin_addr) != 1)
		return false;
	at.sin_port = htons((uint16_t)n);
	(void)!connect(p.fd, (struct sockaddr *)&at, sizeof at);
	if (poll(&p, 1, CONNECT_MS) == 1)
		getsockopt(p.fd, SOL_SOCKET, SO_ERROR, &failed, &size);
	close(p.fd);
	return failed == 0;
}

enum check_result
ha_balancer(const struct checked *c, char evidence[static 200])
{
	const char *address, *port;

	if (!in_cluster(c, evidence))
		return CHECK_SKIPPED;
	SAY("%.190s", h.why);
	if (h.opened != OK)
		return CHECK_FAIL;
	address = ha_address(&h.place.conf, HA_WITNESS_HOST);
	port = h.place.conf.values[HA_KEY_web_port];
	SAY("HAProxy at %.40s:%.10s %s", address, port,
	        reachable(address, port) ? "takes connections" : "is silent");
	return strstr(evidence, "silent") ? CHECK_FAIL : CHECK_OK;
}

enum check_result
ha_certificates(const struct checked *c, char evidence[static 200])
{
	int64_t days = 0;
	char why[HA_WHY] = "";

	if (!in_cluster(c, evidence))
		return CHECK_SKIPPED;
	SAY("%.190s", h.why);
	if (h.opened != OK)
		return CHECK_FAIL;
	if (ha_certs_left(&h.place, &days, why) != OK) {
		SAY("%.190s", why);
		return CHECK_FAIL;
	}
	SAY("good for %lld days", (long long)days);
	return days < 0 ? CHECK_FAIL : days < CERT_WARN_DAYS ? CHECK_WARN : CHECK_OK;
}

enum check_result
ha_secrets(const struct checked *c, char evidence[static 200])
{
	char why[HA_WHY] = "";

	if (!in_cluster(c, evidence))
		return CHECK_SKIPPED;
	SAY("%.190s", h.why);
	if (h.opened != OK)
		return CHECK_FAIL;
	if (ha_modes(&h.place, why) != OK) {
		SAY("%.190s", why);
		return CHECK_FAIL;
	}
	SAY("passwords and keys are their owners' alone");
	return CHECK_OK;
}

static void
keep_versions(void *arg, const char *line)
{
	char *evidence = arg;
	size_t n = strlen(evidence);

	if (strncmp(line, "ok     ", 7) == 0)
		snprintf(evidence + n, 200 - n, "%s%.60s", n ? "; " : "", line + 7);
}

enum check_result
ha_versions(const struct checked *c, char evidence[static 200])
{
	struct ha_say say = { keep_versions, evidence };
	char why[HA_WHY] = "";

	if (!in_cluster(c, evidence))
		return CHECK_SKIPPED;
	SAY("%.190s", h.why);
	if (h.opened != OK)
		return CHECK_FAIL;
	evidence[0] = 0;
	if (ha_programs(&h.place, &say, why) == OK && ha_dcs(&h.place, &say, why) == OK)
		return CHECK_OK;
	SAY("%.190s", why);
	return CHECK_FAIL;
}

/* ---- TLS of this server, cluster or not */

enum check_result
tls_certificate_ends(const struct checked *c, char evidence[static 200])
{
	struct instant ends;
	int64_t days;

	SAY("no TLS certificate");
	if (c->conf->tls_cert_file[0] == 0)
		return CHECK_SKIPPED;
	if (cert_ends(c->conf->tls_cert_file, &ends, evidence) != OK)
		return CHECK_FAIL;
	days = (ends.ms - clock_now().ms) / DAY_MS;
	SAY("good for %lld days", (long long)days);
	return days < 0 ? CHECK_FAIL : days < CERT_WARN_DAYS ? CHECK_WARN : CHECK_OK;
}

/* The way to PostgreSQL, without its secrets. */
enum check_result
database_link(const struct checked *c, char evidence[static 200])
{
	const char *url = c->conf->database_url, *at, *end;
	bool far, checked;

	SAY("an embedded database");
	if (strncmp(url, "postgres", 8) != 0)
		return CHECK_SKIPPED;
	at = strrchr(url, '@');
	at = at ? at + 1 : strstr(url, "//") + 2;
	end = at + strcspn(at, "/?");
	far = strncmp(at, "127.", 4) != 0 && strncmp(at, "localhost", 9) != 0 && at != end;
	checked = strstr(url, "sslmode=verify-full") != NULL;
	SAY("%.*s, %s", (int)(end - at > 120 ? 120 : end - at), at,
	        checked ? "the server's certificate and name are checked" : "the server is not checked");
	return far && !checked ? CHECK_WARN : CHECK_OK;
}
