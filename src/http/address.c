/* address.c - network addresses; see address.h. */
#include "http/address.h"

#include "http/http1.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>

enum { MAPPED_BYTES = 12, MAPPED_BITS = 96, BUCKETS = 4096 };
static const unsigned char mapped[MAPPED_BYTES] = { [10] = 0xff, [11] = 0xff };

static bool
is_v4(struct address a)
{
	return memcmp(a.b, mapped, MAPPED_BYTES) == 0;
}

static struct address
address_v4(const void *four)
{
	struct address a;
	memcpy(a.b, mapped, MAPPED_BYTES);
	memcpy(a.b + MAPPED_BYTES, four, 4);
	return a;
}

/* Takes "[…]", "…:port" and "[…]:port" off an address. */
static struct str
without_port(struct str s)
{
	if (s.n && s.p[0] == '[') {
		const char *end = memchr(s.p, ']', s.n);
		size_t n = end ? (size_t)(end - s.p - 1) : 0;
		return (struct str){ s.p + 1, n };
	}
	const char *colon = memchr(s.p, ':', s.n);
	if (colon && colon == memrchr(s.p, ':', s.n))
		s.n = (size_t)(colon - s.p);
	return s;
}

bool
address_parse(struct str s, struct address *out)
{
	if (!s.p)
		return false;
	s = without_port(s);
	char z[ADDRESS_TEXT];
	if (s.n == 0 || s.n >= sizeof z)
		return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	struct in_addr v4;
	if (inet_pton(AF_INET, z, &v4) == 1) {
		*out = address_v4(&v4);
		return true;
	}
	return inet_pton(AF_INET6, z, out->b) == 1;
}

struct address
address_of_socket(const struct sockaddr_storage *s)
{
	struct address a = { 0 };
	if (s->ss_family == AF_INET)
		return address_v4(&((const struct sockaddr_in *)(const void *)s)->sin_addr);
	if (s->ss_family == AF_INET6)
		memcpy(a.b, &((const struct sockaddr_in6 *)(const void *)s)->sin6_addr, sizeof a.b);
	return a;
}

size_t
address_print(struct address a, char out[static ADDRESS_TEXT])
{
	bool v4 = is_v4(a);
	if (!inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? a.b + MAPPED_BYTES : a.b, out, ADDRESS_TEXT))
		out[0] = '\0';
	return strlen(out);
}

bool
address_is_loopback(struct address a)
{
	static const unsigned char one[16] = { [15] = 1 };
	return is_v4(a) ? a.b[MAPPED_BYTES] == 127 : memcmp(a.b, one, sizeof one) == 0;
}

/* ---- networks */

static bool
parse_bits(struct str s, unsigned max, unsigned *out)
{
	int64_t bits;
	if (!str_int(s, &bits) || bits < 0 || bits > max || s.p[0] == '+' || s.p[0] == '-')
		return false;
	*out = (unsigned)bits;
	return true;
}

static bool
parse_network(struct str item, struct network *out)
{
	const char *slash = memchr(item.p, '/', item.n);
	struct str text = { item.p, slash ? (size_t)(slash - item.p) : item.n };
	if (!address_parse(text, &out->first))
		return false;
	bool v4 = is_v4(out->first);
	out->bits = 128;
	if (!slash)
		return true;
	struct str bits = { slash + 1, item.n - text.n - 1 };
	if (!parse_bits(bits, v4 ? 32 : 128, &out->bits))
		return false;
	out->bits += v4 ? MAPPED_BITS : 0;
	return true;
}

bool
networks_parse(const char *list, struct networks *out, struct str *bad)
{
	out->count = 0;
	struct str rest = str_of(list);
	for (struct str item; http1_first_item(&rest, &item);) {
		*bad = item;
		if (out->count == NETWORKS_MAX || !parse_network(item, &out->rows[out->count]))
			return false;
		out->count++;
	}
	return true;
}

static bool
same_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	if (memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

bool
networks_hold(const struct networks *list, struct address a)
{
	for (unsigned i = 0; i < list->count; i++)
		if (same_bits(list->rows[i].first.b, a.b, list->rows[i].bits))
			return true;
	return false;
}

/* ---- counts */

struct address_counts {
	pthread_mutex_t lock;
	struct holder {
		struct holder *next;
		struct address who;
		unsigned n;
	} * buckets[BUCKETS];
};

static struct address
subscriber(struct address a)
{
	if (!is_v4(a))
		memset(a.b + 8, 0, 8);
	return a;
}

struct address_counts *
address_counts_new(void)
{
	struct address_counts *c = calloc(1, sizeof *c);
	if (c)
		pthread_mutex_init(&c->lock, NULL);
	return c;
}

void
address_counts_free(struct address_counts *c)
{
	for (size_t i = 0; c && i < BUCKETS; i++)
		for (struct holder *h = c->buckets[i], *next; h; h = next) {
			next = h->next;
			free(h);
		}
	if (c)
		pthread_mutex_destroy(&c->lock);
	free(c);
}

/* Where the pointer to the address's holder stands, or to NULL. */
static struct holder **
find_holder(struct address_counts *c, struct address who)
{
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < sizeof who.b; i++)
		hash = (hash ^ who.b[i]) * 16777619u;
	struct holder **at = &c->buckets[hash % BUCKETS];
	while (*at && memcmp((*at)->who.b, who.b, sizeof who.b) != 0)
		at = &(*at)->next;
	return at;
}

static bool
count_one(struct holder **at, struct address who, unsigned max)
{
	if (!*at) {
		*at = calloc(1, sizeof **at);
		if (!*at)
			return false;
		(*at)->who = who;
	}
	if ((*at)->n >= max)
		return false;
	(*at)->n++;
	return true;
}

bool
address_enter(struct address_counts *c, struct address a, unsigned max)
{
	a = subscriber(a);
	pthread_mutex_lock(&c->lock);
	bool counted = max > 0 && count_one(find_holder(c, a), a, max);
	pthread_mutex_unlock(&c->lock);
	return counted;
}

void
address_leave(struct address_counts *c, struct address a)
{
	pthread_mutex_lock(&c->lock);
	struct holder **at = find_holder(c, subscriber(a));
	assert(*at && (*at)->n > 0);
	if (--(*at)->n == 0) {
		struct holder *gone = *at;
		*at = gone->next;
		free(gone);
	}
	pthread_mutex_unlock(&c->lock);
}
