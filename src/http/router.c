/* router.c - a tree of path segments.  A literal segment wins over a parameter,
 * so "/patients/search" may stand beside "/patients/{id}". */
#include "http/router.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUTES_MAX = 512, NODES_MAX = 1024 };

struct node {
	struct str word;              /* of the literal segment */
	struct node *child, *sibling; /* literals */
	struct node *any;             /* the parameter child */
	const struct route *by_method[PATCH + 1];
	unsigned numbers[PATCH + 1];
	unsigned allowed;
};

static struct node nodes[NODES_MAX];
static unsigned nodes_used;
static const struct route *by_number[ROUTES_MAX];
static char names[ROUTES_MAX][ROUTE_NAME];
static unsigned route_total;

static const char *const method_names[] = { "", "GET", "POST", "PUT", "DELETE", "PATCH" };

static struct str
next_segment(struct str *path)
{
	struct str word = { path->p, 0 };

	while (word.n < path->n && word.p[word.n] != '/')
		word.n++;
	path->p += word.n;
	path->n -= word.n;
	if (path->n > 0) {
		path->p++;
		path->n--;
		if (path->n == 0)
			path->p = NULL; /* a trailing slash names nothing we have */
	}
	return word;
}

static struct node *
node_new(struct str word)
{
	struct node *node = &nodes[nodes_used++];

	assert(nodes_used <= NODES_MAX);
	node->word = word;
	return node;
}

static struct node *
step(const struct node *at, struct str word)
{
	for (struct node *n = at->child; n != NULL; n = n->sibling)
		if (str_eq(n->word, word))
			return n;
	return NULL;
}

static struct node *
grow(struct node *at, struct str word)
{
	struct node *n;

	if (word.n > 1 && word.p[0] == '{') {
		if (at->any == NULL)
			at->any = node_new(word);
		return at->any;
	}
	if ((n = step(at, word)) != NULL)
		return n;
	n = node_new(word);
	n->sibling = at->child;
	at->child = n;
	return n;
}

static const char *
route_add(const struct route *route)
{
	struct str path = str_of(route->path + 1);
	struct node *at = &nodes[0];

	while (path.n > 0)
		at = grow(at, next_segment(&path));
	if (at->by_method[route->method] != NULL)
		return route->path;
	at->by_method[route->method] = route;
	at->allowed |= 1u << route->method;
	at->numbers[route->method] = route_total;
	assert(route_total < ROUTES_MAX);
	snprintf(names[route_total], ROUTE_NAME, "%s %s", method_name(route->method), route->path);
	by_number[route_total++] = route;
	return NULL;
}

const char *
router_init(void)
{
	const char *bad = routes_check();

	if (bad != NULL || nodes_used > 0)
		return bad;
	(void)node_new(STR(""));
	for (const struct routes *const *t = route_tables; *t != NULL; t++)
		for (size_t i = 0; i < (*t)->count; i++)
			if ((bad = route_add(&(*t)->rows[i])) != NULL)
				return bad;
	return NULL;
}

void
route_find(enum method method, struct str path, struct route_match *out)
{
	const struct node *at = &nodes[0], *next;

	*out = (struct route_match){ .number = route_total };
	if (path.n == 0 || path.p[0] != '/')
		return;
	path.p++;
	path.n--;
	while (path.n > 0) {
		struct str word = next_segment(&path);

		if (path.p == NULL || word.n == 0)
			return;
		next = step(at, word);
		if (next == NULL && (next = at->any) != NULL) {
			if (out->param_count == ROUTE_PARAMS_MAX)
				return;
			out->params[out->param_count++] = word;
		}
		if (next == NULL)
			return;
		at = next;
	}
	out->allowed = at->allowed;
	out->route = at->by_method[method];
	if (out->route != NULL)
		out->number = at->numbers[method];
}

struct str
route_param_name(const struct route *route, unsigned n, bool *text)
{
	const char *p = route->path;
	struct str name;

	*text = false;
	while ((p = strchr(p, '{')) != NULL && n-- > 0)
		p++;
	if (p == NULL)
		return (struct str){ 0 };
	name = (struct str){ p + 1, strcspn(p + 1, ":}") };
	*text = name.p[name.n] == ':';
	return name;
}

unsigned
route_count(void)
{
	return route_total;
}

const struct route *
route_at(unsigned number)
{
	assert(number < route_total);
	return by_number[number];
}

const char *
route_name(unsigned number)
{
	assert(number < route_total);
	return names[number];
}

const char *
method_name(enum method m)
{
	assert(m < COUNT(method_names));
	return method_names[m];
}

enum method
method_parse(struct str s)
{
	if (str_is(s, "HEAD"))
		return GET;
	for (unsigned m = GET; m < COUNT(method_names); m++)
		if (str_is(s, method_names[m]))
			return (enum method)m;
	return METHOD_UNSET;
}

void
method_list(unsigned allowed, char out[static 64])
{
	size_t n = 0;

	out[0] = 0;
	for (unsigned m = GET; m < COUNT(method_names); m++)
		if (allowed & (1u << m))
			n += (size_t)snprintf(out + n, 64 - n, "%s%s%s", n ? ", " : "", method_names[m],
			        m == GET ? ", HEAD" : "");
	snprintf(out + n, 64 - n, "%sOPTIONS", n ? ", " : "");
}
