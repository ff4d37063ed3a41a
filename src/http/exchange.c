/* exchange.c - one request and its answer: memory, and what others may ask. */
#include "http/edge.h"

#include <stdlib.h>

/* ---- memory */

static void
clear(struct exchange *x)
{
	x->body = x->rest = (struct str){ 0 };
	x->body_in_data = false;
	x->used = x->first_n = x->sent = 0;
	x->keep = x->refused = false;
	memset(x->slot, 0, sizeof x->slot);
	parts_reset(x);
	http1_reset(&x->h);
}

/* Frees what only a large request or answer needed. */
static void
shrink(struct exchange *x)
{
	buf_free(&x->collected);
	atomic_fetch_sub(&x->edge->server->bodies, x->charged);
	x->charged = 0;
	buf_free(&x->answer_body);
	if (x->first != x->out)
		free(x->first);
	x->first = x->out;
}

struct exchange *
exchange_take(struct edge *e, struct conn *c)
{
	struct exchange *x = e->spare;
	if (x) {
		e->spare = x->next;
		e->spare_count--;
	} else {
		x = malloc(sizeof *x);
		if (!x)
			return NULL;
		const struct server_conf *conf = &e->server->conf;
		x->edge = e;
		x->data = x->in;
		x->room = sizeof x->in;
		x->charged = 0;
		x->first = x->out;
		buf_init(&x->collected, conf->body_max);
		buf_init(&x->answer_body, 0);
		http1_init(&x->h, conf->header_max, conf->body_max);
	}
	x->conn = c;
	x->n = 0;
	clear(x);
	return x;
}

void
exchange_give_back(struct exchange *x)
{
	shrink(x);
	if (x->data != x->in)
		free(x->data);
	x->data = x->in;
	x->room = sizeof x->in;
	struct edge *e = x->edge;
	if (e->spare_count == EXCHANGES_KEPT) {
		free(x);
		return;
	}
	x->next = e->spare;
	e->spare = x;
	e->spare_count++;
}

void
exchange_restart(struct exchange *x)
{
	shrink(x);
	x->n -= x->used;
	memmove(x->data, x->data + x->used, x->n);
	clear(x);
}

bool
exchange_make_room(struct exchange *x, size_t room)
{
	if (room <= x->room)
		return true;
	char *p = realloc(x->data == x->in ? NULL : x->data, room);
	if (!p)
		return false;
	if (x->data == x->in)
		memcpy(p, x->in, x->n);
	x->data = p;
	x->room = room;
	return true;
}

bool
exchange_charge(struct exchange *x)
{
	struct server *s = x->edge->server;
	size_t more = x->collected.room - x->charged;
	x->charged += more;
	size_t before = more ? atomic_fetch_add(&s->bodies, more) : 0;
	return !buf_failed(&x->collected) && (more == 0 || before + more <= s->bodies_max);
}

/* ---- the request */

static struct str
part(const struct exchange *x, struct http1_span s)
{
	return (struct str){ x->data + s.at, s.n };
}

struct str
exchange_method(const struct exchange *x)
{
	return x->h.method.n ? part(x, x->h.method) : (struct str){ 0 };
}

struct str
exchange_path(const struct exchange *x)
{
	if (x->h.path.n)
		return part(x, x->h.path);
	return x->h.has_authority ? STR("/") : (struct str){ 0 };
}

struct str
exchange_query(const struct exchange *x)
{
	return x->h.has_query ? part(x, x->h.query) : (struct str){ 0 };
}

struct str
exchange_header(const struct exchange *x, const char *name)
{
	struct str wanted = str_of(name);
	if (http1_is(wanted, "host") && x->h.host.n)
		return part(x, x->h.host);
	return http1_field(&x->h, x->data, wanted);
}

struct str
exchange_body(const struct exchange *x)
{
	return x->body;
}

bool
exchange_tls(const struct exchange *x)
{
	if (x->conn->tls)
		return true;
	return x->conn->trusted && http1_is(http1_field(&x->h, x->data, STR("x-forwarded-proto")), "https");
}

uint64_t
exchange_arrived_ns(const struct exchange *x)
{
	return x->arrived_ns;
}

void *
exchange_slot(struct exchange *x)
{
	return x->slot;
}

/* ---- who asks */

/* One X-Forwarded-For line, from its end: false when the client was found, or
 * something that is no address (what stands before it cannot be believed). */
static bool
walk_forwarded(const struct networks *trusted, struct str line, struct address *client)
{
	for (struct str item; http1_last_item(&line, &item);) {
		struct address a;
		if (!address_parse(item, &a))
			return false;
		*client = a;
		if (!networks_hold(trusted, a) && !address_is_loopback(a))
			return false;
	}
	return true;
}

/* The rightmost address that is not a proxy of ours. */
static struct address
forwarded_client(const struct exchange *x)
{
	struct address client = x->conn->peer;
	for (unsigned i = x->h.field_count; i-- > 0;) {
		const struct http1_field *f = &x->h.fields[i];
		if (http1_is(part(x, f->name), "x-forwarded-for") &&
		        !walk_forwarded(&x->edge->server->trusted, part(x, f->value), &client))
			break;
	}
	return client;
}

struct str
exchange_address(const struct exchange *x)
{
	if (!x->conn->trusted)
		return str_of(x->conn->peer_text);
	/* The exchange has one owner at a time, so its text may be made when asked for. */
	char *text = ((struct exchange *)x)->client_text;
	return (struct str){ text, address_print(forwarded_client(x), text) };
}

/* ---- what the client takes */

/* "gzip;q=0" refuses; any other weight accepts. */
static bool
is_refused(struct str parameters)
{
	parameters = str_trim(parameters);
	if (!str_starts(parameters, "q=0") && !str_starts(parameters, "Q=0"))
		return false;
	for (size_t i = 3; i < parameters.n; i++)
		if (parameters.p[i] != '.' && parameters.p[i] != '0')
			return false;
	return true;
}

bool
exchange_accepts_gzip(const struct exchange *x)
{
	struct str rest = http1_field(&x->h, x->data, STR("accept-encoding"));
	bool any = false;
	for (struct str item; http1_first_item(&rest, &item);) {
		const char *semicolon = memchr(item.p, ';', item.n);
		size_t n = semicolon ? (size_t)(semicolon - item.p) : item.n;
		struct str parameters = semicolon ? (struct str){ semicolon + 1, item.n - n - 1 }
		                                  : (struct str){ 0 };
		struct str name = str_trim((struct str){ item.p, n });
		if (http1_is(name, "gzip"))
			return !is_refused(parameters);
		any |= http1_is(name, "*") && !is_refused(parameters);
	}
	return any;
}

/* ---- the way back */

void
answer_header(struct answer *a, const char *name, const char *value)
{
	assert(a->header_count < COUNT(a->headers));
	a->headers[a->header_count].name = name;
	a->headers[a->header_count].value = value;
	a->header_count++;
}
