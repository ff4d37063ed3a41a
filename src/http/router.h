/* router.h - from method and path to a row of a route table. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "http/route.h"

enum { ROUTE_PARAMS_MAX = 4 };

struct route_match {
	const struct route *route;           /* NULL: see allowed */
	struct str params[ROUTE_PARAMS_MAX]; /* raw, still percent-encoded */
	unsigned param_count;
	unsigned number;  /* of the route, dense; route_count() when there is none */
	unsigned allowed; /* bit per enum method that the path has; 0: no such path */
};

/* Builds the tree from route_tables once; exits never, returns what is wrong or NULL. */
const char *router_init(void);
/* path without query.  Thread-safe after router_init. */
void route_find(enum method, struct str path, struct route_match *);
/* The n-th parameter's name in the row's path; "id:text" gives name "id" and text = true. */
struct str route_param_name(const struct route *, unsigned n, bool *text);
/* Routes by their dense number, for documents and metric labels. */
unsigned route_count(void);
const struct route *route_at(unsigned number);
enum { ROUTE_NAME = 96 };
const char *route_name(unsigned number); /* "GET /api/patients/{id}" */
const char *method_name(enum method);
enum method method_parse(struct str);
/* "GET, HEAD, OPTIONS" into out. */
void method_list(unsigned allowed, char out[static 64]);

#endif
