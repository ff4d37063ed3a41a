/* set.c - the resources of a bundle, or of all loose files of one command, and
 * the way from a reference to what it names.  Knows no kind's meaning. */
#include "features/fhir/set.h"
#include "features/fhir/kinds.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* A tree takes up to eight times its text; the set's own arena holds keys and names. */
static const size_t TREE_ARENA_MAX = (size_t)2 << 30, SET_ARENA_MAX = (size_t)512 << 20;
enum { RESOURCES_MAX = 4 << 20, NESTED_BUNDLES_MAX = 8 };

struct ref_key {
	struct str key;
	size_t at; /* index of the resource; the first one wins */
};

struct fhir_set {
	struct arena *arena;
	struct fhir_tally *tally;
	struct buf trees;     /* struct arena *: one a document, its tree in it */
	struct buf resources; /* struct fhir_resource */
	struct ref_key *keys; /* sorted; NULL: to be made */
	size_t key_count;
	size_t bytes;
	bool loose; /* holds a document that is no bundle */
};

struct fhir_set *
fhir_set_new(struct fhir_tally *tally)
{
	struct arena *arena = arena_new(SET_ARENA_MAX);

	if (!arena)
		return NULL;
	struct fhir_set *s = arena_fixed(arena, sizeof *s);
	s->arena = arena;
	s->tally = tally;
	buf_init(&s->trees, RESOURCES_MAX * sizeof(struct arena *));
	buf_init(&s->resources, RESOURCES_MAX * sizeof(struct fhir_resource));
	return s;
}

void
fhir_set_free(struct fhir_set *s)
{
	if (!s)
		return;
	struct arena **trees = (struct arena **)(void *)s->trees.p;
	for (size_t i = 0; i < s->trees.n / sizeof *trees; i++)
		arena_free(trees[i]);
	buf_free(&s->trees);
	buf_free(&s->resources);
	arena_free(s->arena);
}

struct arena *
fhir_set_arena(struct fhir_set *s)
{
	return s->arena;
}

const struct fhir_resource *
fhir_set_items(const struct fhir_set *s, size_t *count)
{
	*count = s->resources.n / sizeof(struct fhir_resource);
	return (const struct fhir_resource *)(const void *)s->resources.p;
}

bool
fhir_set_loose(const struct fhir_set *s)
{
	return s->loose;
}

struct fhir_tally *
fhir_set_tally(const struct fhir_set *s)
{
	return s->tally;
}

size_t
fhir_set_bytes(const struct fhir_set *s)
{
	return s->bytes;
}

struct str
fhir_text(struct arena *arena, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	char *p = n < 0 ? NULL : arena_take(arena, (size_t)n + 1);
	if (!p)
		return (struct str){ 0 };
	va_start(args, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, args);
	va_end(args);
	return (struct str){ p, (size_t)n };
}

/* ---- identities */

static struct str
uuid_lower(struct arena *arena, struct str s)
{
	struct id id;
	char text[ID_TEXT + 1];

	if (!s.p || !id_parse(s, &id))
		return (struct str){ 0 };
	id_print(id, text);
	return arena_str(arena, str_of(text));
}

static struct str
after(struct str s, size_t n)
{
	return (struct str){ s.p + n, s.n - n };
}

struct str
fhir_uuid(struct arena *arena, struct str id, struct str url)
{
	struct str found = uuid_lower(arena, id);

	if (!found.p && url.p && str_starts(url, "urn:uuid:"))
		found = uuid_lower(arena, after(url, strlen("urn:uuid:")));
	return found;
}

/* The reference without "/_history/7". */
static struct str
unversioned(struct str ref)
{
	const char *p = ref.p ? memmem(ref.p, ref.n, "/_history/", 10) : NULL;

	return p ? (struct str){ ref.p, (size_t)(p - ref.p) } : ref;
}

/* Where the last n segments of a path begin. */
static struct str
last_segments(struct str s, unsigned n)
{
	for (size_t i = s.n; i > 0; i--)
		if (s.p[i - 1] == '/' && --n == 0)
			return after(s, i);
	return n == 1 ? s : (struct str){ 0 };
}

struct str
fhir_ref_uuid(struct arena *arena, struct str ref)
{
	ref = unversioned(ref);
	if (ref.p && str_starts(ref, "urn:uuid:"))
		return uuid_lower(arena, after(ref, strlen("urn:uuid:")));
	return uuid_lower(arena, last_segments(ref, 1));
}

struct str
fhir_ref_type(struct str ref)
{
	struct str tail = last_segments(unversioned(ref), 2);
	const char *slash = tail.p ? memchr(tail.p, '/', tail.n) : NULL;

	if (!slash || !isupper((unsigned char)tail.p[0]))
		return (struct str){ 0 };
	return (struct str){ tail.p, (size_t)(slash - tail.p) };
}

/* ---- reading */

static void
count_contained(struct fhir_set *s, const struct json_node *resource)
{
	const struct json_node *list = node_member(resource, "contained");

	for (size_t i = 0; i < node_count(list); i++)
		fhir_tally_reason(s->tally, node_text(node_member(node_item(list, i), "resourceType")),
		        (struct str){ 0 }, FHIR_R_CONTAINED);
}

static enum err
add_resource(struct fhir_set *s, const struct json_node *n, struct str url, bool history)
{
	struct fhir_resource *r = buf_grow(&s->resources, sizeof *r);

	if (!r)
		return ERR_TOO_LARGE;
	*r = (struct fhir_resource){
		.node = n,
		.type = node_text(node_member(n, "resourceType")),
		.id = node_text(node_member(n, "id")),
		.url = url,
		.history = history,
	};
	r->kind = fhir_kind_find(r->type);
	r->patient = str_is(r->type, "Patient");
	return OK;
}

static enum err add_document(
        struct fhir_set *, const struct json_node *, struct str url, unsigned depth, bool history);

static enum err
add_bundle(struct fhir_set *s, const struct json_node *bundle, unsigned depth)
{
	const struct json_node *entries = node_member(bundle, "entry");
	bool history = str_is(node_text(node_member(bundle, "type")), "history");

	if (depth > NESTED_BUNDLES_MAX)
		return ERR_TOO_LARGE;
	for (size_t i = 0; i < node_count(entries); i++) {
		const struct json_node *entry = node_item(entries, i);
		struct str url = node_text(node_member(entry, "fullUrl"));
		TRY(add_document(s, node_member(entry, "resource"), url, depth + 1, history));
	}
	return OK;
}

static enum err
add_document(struct fhir_set *s, const struct json_node *n, struct str url, unsigned depth, bool history)
{
	struct str type = node_text(node_member(n, "resourceType"));

	if (node_kind(n) != NODE_OBJECT) {
		fhir_tally_reason(s->tally, STR("Bundle.entry"), (struct str){ 0 }, FHIR_R_EMPTY);
		return OK;
	}
	if (str_is(type, "Bundle"))
		return add_bundle(s, n, depth);
	count_contained(s, n);
	if (type.n == 0) {
		fhir_tally_reason(s->tally, STR("Bundle.entry"), url, FHIR_R_NO_TYPE);
		return OK;
	}
	return add_resource(s, n, url, history);
}

/* A byte order mark is allowed to be ignored (RFC 8259, 8.1), and some servers write one. */
static struct str
without_mark(struct str text)
{
	return text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0 ? after(text, 3) : text;
}

static enum err
add_text(struct fhir_set *s, struct arena *tree, struct str text, char *why)
{
	const struct json_node *root;

	TRY(json_tree_read(tree, without_mark(text), &root, why));
	snprintf(why, 200, "not a FHIR resource: no resourceType");
	if (node_text(node_member(root, "resourceType")).n == 0)
		return ERR_MALFORMED;
	snprintf(why, 200, "too many resources, or bundles within bundles");
	s->loose |= !str_is(node_text(node_member(root, "resourceType")), "Bundle");
	return add_document(s, root, (struct str){ 0 }, 0, false);
}

enum err
fhir_set_add(struct fhir_set *s, struct str text, char *why)
{
	struct arena *tree = arena_new(TREE_ARENA_MAX);
	size_t before = s->resources.n;

	snprintf(why, 200, "no memory");
	enum err e = tree ? add_text(s, tree, text, why) : ERR_TOO_LARGE;
	if (e == OK) {
		buf_add(&s->trees, &tree, sizeof tree);
		e = buf_failed(&s->trees) ? ERR_TOO_LARGE : OK;
	}
	if (e != OK) {
		s->resources.n = before;
		arena_free(tree);
		return e;
	}
	s->keys = NULL;
	s->bytes += text.n;
	return OK;
}

enum err
fhir_set_merge(struct fhir_set *into, struct fhir_set *from)
{
	buf_add(&into->trees, from->trees.p, from->trees.n);
	buf_add(&into->resources, from->resources.p, from->resources.n);
	if (buf_failed(&into->trees) || buf_failed(&into->resources))
		return ERR_TOO_LARGE;
	into->bytes += from->bytes;
	into->loose |= from->loose;
	into->keys = NULL;
	from->keys = NULL;
	from->bytes = 0;
	buf_reset(&from->trees);
	buf_reset(&from->resources);
	return OK;
}

/* ---- the index */

static int
str_order(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static int
key_order(const void *a, const void *b)
{
	const struct ref_key *x = a, *y = b;
	int c = str_order(x->key, y->key);

	return c ? c : (x->at > y->at) - (x->at < y->at);
}

static enum err
add_key(struct fhir_set *s, struct str key, size_t at)
{
	if (!key.p)
		return ERR_TOO_LARGE;
	s->keys[s->key_count++] = (struct ref_key){ key, at };
	return OK;
}

static enum err
add_keys(struct fhir_set *s, const struct fhir_resource *r, size_t at)
{
	struct str uuid = fhir_uuid(s->arena, r->id, r->url);

	if (r->id.n)
		TRY(add_key(s, fhir_text(s->arena, "%.*s/%.*s", STR_FMT(r->type), STR_FMT(r->id)), at));
	if (r->url.n)
		TRY(add_key(s, r->url, at));
	if (uuid.p)
		TRY(add_key(s, fhir_text(s->arena, "urn:uuid:%s", uuid.p), at));
	return OK;
}

/* The same resource twice: once is enough. Two different ones under one name cannot
 * both be meant, unless the second is an older version of a history. */
static void
drop_repeated(struct fhir_set *s)
{
	struct fhir_resource *all = (struct fhir_resource *)(void *)s->resources.p;

	for (size_t i = 1; i < s->key_count; i++) {
		struct fhir_resource *a = &all[s->keys[i - 1].at], *b = &all[s->keys[i].at];
		if (a == b || b->dropped || !str_eq(s->keys[i - 1].key, s->keys[i].key) ||
		        !str_eq(a->type, b->type))
			continue;
		bool same = b->history || node_equal(a->node, b->node);
		b->dropped = true;
		fhir_tally_reason(s->tally, b->type, b->id, same ? FHIR_R_REPEATED : FHIR_R_CONFLICT);
		s->keys[i].at = s->keys[i - 1].at;
	}
}

enum err
fhir_set_index(struct fhir_set *s)
{
	size_t count;
	const struct fhir_resource *all = fhir_set_items(s, &count);

	if (s->keys)
		return OK;
	s->key_count = 0;
	s->keys = arena_take_array(s->arena, sizeof *s->keys, count * 3 + 1);
	if (!s->keys)
		return ERR_TOO_LARGE;
	for (size_t i = 0; i < count; i++)
		if (!all[i].dropped)
			TRY(add_keys(s, &all[i], i));
	qsort(s->keys, s->key_count, sizeof *s->keys, key_order);
	drop_repeated(s);
	return OK;
}

static const struct fhir_resource *
find_key(const struct fhir_set *s, struct str key)
{
	size_t low = 0, high = s->key_count, count;
	const struct fhir_resource *all = fhir_set_items(s, &count);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (str_order(s->keys[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->key_count && str_eq(s->keys[low].key, key) ? &all[s->keys[low].at] : NULL;
}

static const struct json_node *
find_contained(const struct json_node *within, struct str id)
{
	const struct json_node *list = node_member(within, "contained");

	for (size_t i = 0; i < node_count(list); i++)
		if (str_eq(node_text(node_member(node_item(list, i), "id")), id))
			return node_item(list, i);
	return NULL;
}

struct fhir_target
fhir_resolve(const struct fhir_set *s, const struct json_node *within, struct str ref)
{
	if (ref.n > 1 && ref.p[0] == '#')
		return (struct fhir_target){ find_contained(within, after(ref, 1)), NULL };
	if (!s->keys || ref.n == 0)
		return (struct fhir_target){ 0 };
	const struct fhir_resource *r = find_key(s, ref);
	if (!r)
		r = find_key(s, unversioned(ref));
	if (!r && fhir_ref_type(ref).p)
		r = find_key(s, last_segments(unversioned(ref), 2));
	return (struct fhir_target){ r ? r->node : NULL, r };
}

/* The reference to the patient that a resource of a mapped kind carries; absent for others. */
static struct str
patient_ref(const struct json_node *n)
{
	const struct fhir_kind *kind = fhir_kind_find(node_text(node_member(n, "resourceType")));

	return kind ? node_text(node_member(fhir_first(n, kind->patient), "reference")) : (struct str){ 0 };
}

bool
fhir_same_patient(const struct fhir_set *s, const struct json_node *resource, struct fhir_target target)
{
	if (!target.resource || target.node == resource)
		return true;
	struct str mine = patient_ref(resource), theirs = patient_ref(target.node);
	if (theirs.n == 0 || (mine.n && str_eq(mine, theirs)))
		return true;
	const struct fhir_resource *a = fhir_resolve(s, resource, mine).resource;
	return a && a == fhir_resolve(s, target.node, theirs).resource;
}
