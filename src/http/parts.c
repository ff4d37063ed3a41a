/* parts.c - an answer that leaves bit by bit.  Its maker puts each part on the edge
 * thread's stack, the thread hangs it on the exchange and writes as the client takes. */
#include "http/edge.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- the maker's side */

static void
put(struct part *p)
{
	struct edge *e = p->x->edge;
	bool last = p->last;

	p->next = atomic_load(&e->parts);
	while (!atomic_compare_exchange_weak(&e->parts, &p->next, p))
		;
	edge_rouse(e);
	if (last)
		atomic_fetch_sub(&e->open_exchanges, 1); /* as in exchange_send */
}

void
exchange_begin(struct exchange *x, struct answer *a)
{
	answer_prepare_head(x, a);
	x->head = (struct part){ .x = x, .p = x->first, .n = x->first_n };
	put(&x->head);
}

static bool
has_body(const struct exchange *x)
{
	return !str_is(exchange_method(x), "HEAD");
}

bool
exchange_part(struct exchange *x, struct str s)
{
	char size[24] = "";
	int size_n = x->chunked ? snprintf(size, sizeof size, "%zx\r\n", s.n) : 0;
	struct part *p;

	if (x->cut || atomic_load(&x->gone))
		return false;
	if (s.n == 0 || !has_body(x)) /* an empty chunk would be the end */
		return true;
	p = malloc(sizeof *p + (size_t)size_n + s.n + 2);
	if (p == NULL) {
		x->cut = true;
		return false;
	}
	char *bytes = (char *)(p + 1);
	memcpy(bytes, size, (size_t)size_n);
	memcpy(bytes + size_n, s.p, s.n);
	if (x->chunked)
		memcpy(bytes + size_n + s.n, "\r\n", 2);
	*p = (struct part){ .x = x, .p = bytes, .n = (size_t)size_n + s.n + (x->chunked ? 2 : 0) };
	put(p);
	return true;
}

void
exchange_end(struct exchange *x)
{
	struct str end = x->chunked && !x->cut && has_body(x) ? STR("0\r\n\r\n") : STR("");

	x->keep = x->keep && !x->cut;
	x->tail = (struct part){ .x = x, .p = end.p, .n = end.n, .last = true };
	put(&x->tail);
}

/* ---- the edge thread's */

struct part *
parts_collect(struct edge *e)
{
	struct part *p = atomic_exchange(&e->parts, NULL), *in_order = NULL;

	while (p) {
		struct part *next = p->next;
		p->next = in_order;
		in_order = p;
		p = next;
	}
	return in_order;
}

void
parts_reset(struct exchange *x)
{
	x->parts = x->parts_last = NULL;
	x->chunked = x->cut = false;
	atomic_store(&x->gone, false);
}

void
parts_take(struct exchange *x, struct part *p)
{
	p->next = NULL;
	*(x->parts ? &x->parts_last->next : &x->parts) = p;
	x->parts_last = p;
}

struct part *
parts_first(struct exchange *x)
{
	return x->parts;
}

bool
parts_drop_first(struct exchange *x)
{
	struct part *p = x->parts;
	bool last = p->last;

	x->parts = p->next;
	if (p != &x->head && p != &x->tail)
		free(p);
	return last;
}

bool
parts_drop_all(struct exchange *x)
{
	bool last = false;

	while (x->parts)
		last = parts_drop_first(x);
	return last;
}
