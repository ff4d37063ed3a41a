/* arena.c - memory of one request: taken in chunks, given back all at once.
 *
 * The ceiling bounds what a client can make the program hold.  arena_take stops
 * there; arena_fixed may go on into a reserve that was allocated with the
 * arena, so the small fixed structs of an answer (also of an error answer) never
 * need a failure path.  Not for threads: one arena has one user at a time. */
#include "base/base.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif
#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum {
	ALIGN = 16,
	FIRST = 16 * 1024,       /* a usual request needs no second chunk */
	RESERVE = 32 * 1024,     /* for arena_fixed beyond the ceiling */
	CHUNK_MAX = 1024 * 1024, /* chunks double up to here */
};

struct chunk {
	struct chunk *next; /* the older one */
	size_t n, room;
	alignas(ALIGN) unsigned char bytes[];
};

struct arena {
	struct chunk *top; /* the newest; the chain ends at first */
	struct chunk *first;
	struct chunk *reserve;
	size_t ceiling, used;
	bool starved;
};

static struct chunk *
chunk_new(size_t room)
{
	struct chunk *c = malloc(sizeof *c + room);
	if (!c)
		return NULL;
	c->next = NULL;
	c->n = 0;
	c->room = room;
	POISON(c->bytes, room);
	return c;
}

static void
chunk_free(struct chunk *c)
{
	if (!c)
		return;
	UNPOISON(c->bytes, c->room);
	free(c);
}

/* Rounded bytes, or NULL when this chunk has no room for them. */
static void *
chunk_take(struct chunk *c, size_t rounded, size_t n)
{
	if (c->room - c->n < rounded)
		return NULL;
	void *p = c->bytes + c->n;
	c->n += rounded;
	UNPOISON(p, n);
	return p;
}

struct arena *
arena_new(size_t ceiling)
{
	struct arena *a = malloc(sizeof *a);
	struct chunk *first = chunk_new(FIRST);
	struct chunk *reserve = chunk_new(RESERVE);
	if (!a || !first || !reserve) {
		free(a);
		chunk_free(first);
		chunk_free(reserve);
		return NULL;
	}
	*a = (struct arena){ .top = first,
		.first = first,
		.reserve = reserve,
		.ceiling = ceiling < SIZE_MAX / 2 ? ceiling : SIZE_MAX / 2 };
	return a;
}

void
arena_reset(struct arena *a)
{
	while (a->top != a->first) {
		struct chunk *old = a->top;
		a->top = old->next;
		chunk_free(old);
	}
	POISON(a->first->bytes, a->first->room);
	POISON(a->reserve->bytes, a->reserve->room);
	a->first->n = 0;
	a->reserve->n = 0;
	a->used = 0;
	a->starved = false;
}

bool
arena_starved(const struct arena *a)
{
	return a->starved;
}

void
arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_reset(a);
	chunk_free(a->first);
	chunk_free(a->reserve);
	free(a);
}

/* A chunk for at least rounded bytes on top.  What is left of the old top is
 * given up; a large block gets a chunk of its own below the top instead, so one
 * big text does not waste the rest of a chunk. */
static void *
take_from_new(struct arena *a, size_t rounded, size_t n)
{
	size_t room = a->top->room < CHUNK_MAX ? a->top->room * 2 : CHUNK_MAX;
	bool own = rounded > room / 4;
	struct chunk *c = chunk_new(own ? rounded : room);
	if (!c) {
		a->starved = true;
		return NULL;
	}
	if (own && a->top != a->first) {
		c->next = a->top->next;
		a->top->next = c;
	} else {
		c->next = a->top;
		a->top = c;
	}
	return chunk_take(c, rounded, n);
}

void *
arena_take(struct arena *a, size_t n)
{
	if (n > a->ceiling || a->ceiling - n < a->used)
		return NULL;
	size_t rounded = n ? (n + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
	void *p = chunk_take(a->top, rounded, n);
	if (!p)
		p = take_from_new(a, rounded, n);
	if (p)
		a->used += rounded;
	return p;
}

void *
arena_fixed(struct arena *a, size_t n)
{
	size_t rounded = n ? (n + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
	void *p = arena_take(a, n);
	if (!p && n <= RESERVE) {
		p = chunk_take(a->reserve, rounded, n);
		a->used += p ? rounded : 0;
	}
	if (!p) {
		fprintf(stderr, "arena: the reserve for fixed sizes is used up (%zu bytes asked)\n", n);
		abort();
	}
	return memset(p, 0, n);
}

size_t
arena_used(const struct arena *a)
{
	return a->used;
}

void *
arena_take_array(struct arena *a, size_t size, size_t n)
{
	size_t bytes;
	if (__builtin_mul_overflow(size, n, &bytes))
		return NULL;
	void *p = arena_take(a, bytes);
	return p ? memset(p, 0, bytes) : NULL;
}

struct str
arena_str(struct arena *a, struct str s)
{
	char *p = s.p && s.n < SIZE_MAX ? arena_take(a, s.n + 1) : NULL;
	if (!p)
		return (struct str){ 0 };
	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

const char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;
	struct chunk *top = a->top;
	char *p = (char *)top->bytes + top->n;
	size_t room = top->room - top->n;

	/* Into the room that is left; only what does not fit there is written twice. */
	UNPOISON(p, room);
	va_start(args, fmt);
	int n = vsnprintf(p, room, fmt, args);
	va_end(args);
	POISON(p, room);
	char *taken = n < 0 ? NULL : arena_take(a, (size_t)n + 1);
	if (!taken || taken == p)
		return taken ? taken : "";
	p = taken;
	va_start(args, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, args);
	va_end(args);
	return p;
}
