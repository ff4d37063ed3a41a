/* conf_check.c - see conf_check.h. */
#include "sys/conf_check.h"

#include <arpa/inet.h>
#include <stdio.h>

static bool
is_port(const char *text)
{
	int64_t port;

	return str_int(str_of(text), &port) && *text != '+' && port >= 0 && port <= 65535;
}

bool
conf_check_address_port(const char *v)
{
	const char *colon = strrchr(v, ':');
	char host[256];
	unsigned char address[16];

	if (colon == NULL || colon == v || (size_t)(colon - v) >= sizeof host || !is_port(colon + 1))
		return false;
	memcpy(host, v, (size_t)(colon - v));
	host[colon - v] = 0;
	size_t n = strlen(host);
	if (host[0] != '[')
		return strpbrk(host, ":/ ]") == NULL;
	if (host[n - 1] != ']')
		return false;
	host[n - 1] = 0;
	return inet_pton(AF_INET6, host + 1, address) == 1;
}

bool
conf_check_database(const char *v)
{
	struct str s = str_of(v);

	if (str_starts(s, "sqlite:"))
		return s.n > strlen("sqlite:");
	return s.n == 0 || str_starts(s, "postgresql://") || str_starts(s, "postgres://");
}

/* 10.0.0.7, 2001:db8::1, or either with /BITS. */
static bool
is_network(struct str s)
{
	unsigned char address[16];
	char text[64];
	int64_t bits = 0;

	if (s.n == 0 || s.n >= sizeof text)
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	char *slash = strchr(text, '/');
	if (slash && (!str_int(str_of(slash + 1), &bits) || slash[1] == '+' || bits < 0))
		return false;
	if (slash)
		*slash = 0;
	return (inet_pton(AF_INET, text, address) == 1 && bits <= 32) ||
	       (inet_pton(AF_INET6, text, address) == 1 && bits <= 128);
}

bool
conf_check_addresses(const char *v)
{
	while (*v) {
		size_t n = strcspn(v, ",");
		if (!is_network(str_trim((struct str){ v, n })))
			return false;
		v += n;
		if (*v == ',' && *++v == 0)
			return false;
	}
	return true;
}

bool
conf_check_origin(const char *v)
{
	if (*v == 0)
		return true;
	size_t scheme = strncmp(v, "https://", 8) == 0 ? 8 : strncmp(v, "http://", 7) == 0 ? 7 : 0;
	return scheme > 0 && v[scheme] != 0 && strpbrk(v + scheme, "/?#@ ") == NULL;
}

/* The keys' keys and the token go there: in the clear only to this machine itself. */
bool
conf_check_vault(const char *v)
{
	static const char *const here[] = { "http://127.0.0.1", "http://localhost", "http://[::1]", NULL };

	if (*v == 0 || strncmp(v, "https://", 8) == 0)
		return conf_check_origin(v);
	for (size_t i = 0; here[i] != NULL; i++) {
		size_t n = strlen(here[i]);
		if (strncmp(v, here[i], n) == 0 && (v[n] == 0 || (v[n] == ':' && is_port(v + n + 1))))
			return true;
	}
	return false;
}

/* At most 120 characters: it becomes part of an address. */
bool
conf_check_vault_key(const char *v)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t mount = strspn(v, fine), name = v[mount] == '/' ? strspn(v + mount + 1, fine) : 0;

	return mount > 0 && name > 0 && v[mount + 1 + name] == 0 && mount + name < 120;
}

static bool
is_one_of(const char *v, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(v, *names) == 0)
			return true;
	return false;
}

bool
conf_check_log_level(const char *v)
{
	return is_one_of(v, (const char *[]){ "debug", "info", "warn", "error", NULL });
}

bool
conf_check_log_format(const char *v)
{
	return is_one_of(v, (const char *[]){ "json", "text", NULL });
}

size_t
conf_edit_distance(const char *a, const char *b)
{
	enum { LONGEST = 64 };
	size_t row[LONGEST + 1], an = strlen(a), bn = strlen(b);

	if (an > LONGEST || bn > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= bn; j++)
		row[j] = j;
	for (size_t i = 1; i <= an; i++) {
		size_t corner = row[0]; /* of the row above, one to the left */
		row[0] = i;
		for (size_t j = 1; j <= bn; j++) {
			size_t above = row[j], best = corner + (a[i - 1] != b[j - 1]);
			best = above + 1 < best ? above + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			corner = above;
			row[j] = best;
		}
	}
	return row[bn];
}
