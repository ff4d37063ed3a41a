/* postgres_connect.c - finding the server that takes writes.
 *
 * All hosts of the URL are asked at the same moment, each again after a pause by chance,
 * until one takes writes or the time is up: a host whose cable is cut holds up nobody, and
 * a standby is found within a moment of its promotion.  (libpq alone asks one after another
 * and waits at least two seconds for each.) */
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buf.h"
#include "store/postgres_wire.h"
#include "sys/crypto.h"

enum {
	PAUSE_LEAST_MS = 100, /* before a host is asked again, plus up to twice as much by chance */
	SILENT_MS = 1500,     /* a host that says nothing for so long is asked anew */
	ASIDE_MS = 500,       /* to reach a standby: the primary answers as well */
	TEXT_MAX = 1024,      /* of the URL's lists of hosts and ports */
};

static uint64_t
after_ms(int ms)
{
	return clock_mono_ns() + (uint64_t)ms * 1000000;
}

/* ---- the hosts */

/* The n-th of a list with commas; false: there is none. The last one stands for all that follow. */
static bool
nth_of(const char *list, unsigned n, bool last_for_all, char out[static POSTGRES_HOST])
{
	size_t length;

	for (; n > 0; n--) {
		const char *comma = strchr(list, ',');

		if (comma == NULL && last_for_all)
			break;
		if (comma == NULL)
			return false;
		list = comma + 1;
	}
	length = strcspn(list, ",");
	if (length >= POSTGRES_HOST)
		return false;
	memcpy(out, list, length);
	out[length] = 0;
	return true;
}

static const char *
option(const PQconninfoOption *all, const char *keyword)
{
	for (; all->keyword != NULL; all++)
		if (strcmp(all->keyword, keyword) == 0)
			return all->val != NULL ? all->val : "";
	return "";
}

/* One entry for each host; a URL that names none, or numbers them apart, is left to libpq. */
void
postgres_hosts(struct postgres_store *s)
{
	PQconninfoOption *all = PQconninfoParse(s->url, NULL);
	const char *hosts, *ports;

	s->host_count = 0;
	if (all == NULL)
		return;
	hosts = option(all, "host");
	ports = option(all, "port");
	if (hosts[0] != 0 && option(all, "hostaddr")[0] == 0)
		while (s->host_count < POSTGRES_HOSTS &&
		        nth_of(hosts, s->host_count, false, s->hosts[s->host_count].name) &&
		        nth_of(ports, s->host_count, strchr(ports, ',') == NULL,
		                s->hosts[s->host_count].port))
			s->host_count++;
	PQconninfoFree(all);
}

/* Names with signs that a URL gives a meaning are written as %XX. */
static bool
put_quoted(struct buf *b, const char *s)
{
	if (s[0] == 0)
		return false;
	for (; *s; s++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./", *s) != NULL)
			buf_byte(b, (unsigned char)*s);
		else
			buf_printf(b, "%%%02X", (unsigned char)*s);
	return true;
}

enum err
store_url_copy(const char *url, const char *socket_dir, char *out, size_t room)
{
	PQconninfoOption *all = PQconninfoParse(url, NULL);
	struct buf b;
	bool fine;

	buf_init(&b, room);
	buf_text(&b, "postgresql://");
	fine = all != NULL && put_quoted(&b, option(all, "user"));
	buf_text(&b, "@/");
	fine = fine && put_quoted(&b, option(all, "dbname"));
	buf_text(&b, "?port=5432&host=");
	fine = fine && put_quoted(&b, socket_dir);
	buf_byte(&b, 0);
	fine = fine && !buf_failed(&b);
	if (fine)
		memcpy(out, b.p, b.n);
	buf_free(&b);
	PQconninfoFree(all);
	return fine ? OK : ERR_INVALID;
}

/* ---- attempts */

struct attempt {
	PGconn *conn; /* NULL: it begins at at_ns */
	PostgresPollingStatusType wants;
	uint64_t at_ns; /* when it begins, or is given up */
	bool tried;     /* it has failed once */
};

/* The URL may set anything but what the program's promises rest on. */
static PGconn *
start(const struct postgres_store *s, unsigned n, const char *role)
{
	const char *names[] = { "application_name", "keepalives_idle", "keepalives_interval",
		"keepalives_count", "tcp_user_timeout", "dbname", "target_session_attrs", "client_encoding",
		"host", "port", NULL };
	const char *values[] = { "plantao", "2", "1", "2", "3000", s->url, role, "UTF8", s->hosts[n].name,
		s->hosts[n].port, NULL };

	if (s->host_count == 0)
		names[8] = NULL;
	return PQconnectStartParams(names, values, 1);
}

static void
give_up(struct attempt *a)
{
	uint16_t chance;

	random_bytes(&chance, sizeof chance);
	PQfinish(a->conn);
	*a = (struct attempt){ .at_ns = after_ms(PAUSE_LEAST_MS + chance % (2 * PAUSE_LEAST_MS)),
		.tried = true };
}

static void
keep_reason(const PGconn *conn, char *why)
{
	const char *text = PQerrorMessage(conn);

	if (text[0] != 0)
		snprintf(why, 200, "%.*s", (int)strcspn(text, "\n"), text);
}

static void
due(const struct postgres_store *s, unsigned n, const char *role, struct attempt *a, char *why)
{
	uint64_t now_ns = clock_mono_ns();

	if (now_ns < a->at_ns)
		return;
	if (a->conn != NULL) {
		snprintf(why, 200, "%.100s does not answer", s->host_count ? s->hosts[n].name : "the server");
		give_up(a);
		return;
	}
	a->conn = start(s, n, role);
	a->wants = PGRES_POLLING_WRITING;
	a->at_ns = now_ns + (uint64_t)SILENT_MS * 1000000;
	if (a->conn == NULL || PQstatus(a->conn) == CONNECTION_BAD) {
		keep_reason(a->conn, why);
		give_up(a);
	}
}

/* true: connected. */
static bool
step(struct attempt *a, char *why)
{
	a->wants = PQconnectPoll(a->conn);
	if (a->wants == PGRES_POLLING_OK)
		return true;
	a->at_ns = after_ms(SILENT_MS); /* slow is not silent */
	if (a->wants == PGRES_POLLING_FAILED) {
		keep_reason(a->conn, why);
		give_up(a);
	}
	return false;
}

/* Waits until a socket has something or the next moment comes. The one that is connected, or -1. */
static int
wait_for_one(struct attempt *all, unsigned n, uint64_t deadline_ns, char *why)
{
	struct pollfd fds[POSTGRES_HOSTS];
	uint64_t next_ns = deadline_ns, now_ns = clock_mono_ns();

	for (unsigned i = 0; i < n; i++) {
		fds[i] = (struct pollfd){ .fd = all[i].conn ? PQsocket(all[i].conn) : -1,
			.events = all[i].wants == PGRES_POLLING_READING ? POLLIN : POLLOUT };
		if (all[i].at_ns < next_ns)
			next_ns = all[i].at_ns;
	}
	if (poll(fds, n, next_ns > now_ns ? (int)((next_ns - now_ns) / 1000000 + 1) : 0) <= 0)
		return -1;
	for (unsigned i = 0; i < n; i++)
		if (fds[i].revents != 0 && step(&all[i], why))
			return (int)i;
	return -1;
}

static bool
each_has_failed(const struct attempt *all, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!all[i].tried)
			return false;
	return true;
}

static struct pg_conn *
find(const struct postgres_store *s, const char *role, int timeout_ms, bool again, char *why)
{
	struct attempt all[POSTGRES_HOSTS] = { 0 };
	unsigned n = s->host_count ? s->host_count : 1;
	uint64_t deadline_ns = after_ms(timeout_ms);
	PGconn *found = NULL;
	int winner = -1;

	snprintf(why, 200, "no server answers in time");
	while (winner < 0 && clock_mono_ns() < deadline_ns && (again || !each_has_failed(all, n))) {
		for (unsigned i = 0; i < n; i++)
			due(s, i, role, &all[i], why);
		winner = wait_for_one(all, n, deadline_ns, why);
	}
	if (winner >= 0) {
		found = all[winner].conn;
		all[winner].conn = NULL;
	}
	for (unsigned i = 0; i < n; i++)
		PQfinish(all[i].conn);
	return found;
}

struct pg_conn *
wire_connect(const struct postgres_store *s, int timeout_ms, bool again, char *why)
{
	return find(s, "read-write", timeout_ms, again, why);
}

struct pg_conn *
wire_seek_aside(const struct postgres_store *s)
{
	char why[200];

	return find(s, "standby", ASIDE_MS, false, why);
}

/* ---- one seeks, the others wait */

/* While the database is away one thread at a time looks for it: threads by the dozen would
 * only keep each other, and the server that comes up, from working. */
static bool
seat_take(struct postgres_store *s, uint64_t deadline_ns)
{
	struct timespec until = { (time_t)(deadline_ns / 1000000000), (long)(deadline_ns % 1000000000) };
	bool mine = true;

	pthread_mutex_lock(&s->lock);
	while (mine && s->seeking)
		mine = pthread_cond_clockwait(&s->seat, &s->lock, CLOCK_MONOTONIC, &until) == 0;
	if (mine)
		s->seeking = true;
	pthread_mutex_unlock(&s->lock);
	return mine;
}

static void
seat_leave(struct postgres_store *s)
{
	pthread_mutex_lock(&s->lock);
	s->seeking = false;
	pthread_mutex_unlock(&s->lock);
	pthread_cond_signal(&s->seat);
}

struct pg_conn *
wire_seek(struct postgres_store *s)
{
	bool away = atomic_load_explicit(&s->store.lost, memory_order_relaxed);
	uint64_t deadline_ns = after_ms(s->connect_timeout_ms);
	char why[200];
	PGconn *conn;

	if (away && !seat_take(s, deadline_ns))
		return NULL;
	conn = wire_connect(s, s->connect_timeout_ms, true, why);
	if (away)
		seat_leave(s);
	return conn;
}
