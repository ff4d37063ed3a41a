/* request.c - see request.h. */
#include "request.h"
#include "fuzz.h"

#include "features/tenants/tenants.h"
#include "store/migrate.h"
#include "store/seal.h"

#include <ftw.h>

enum { HEAD_MAX = 1 << 16, BODY_MAX = 1 << 20, STORE_ARENA = 16 << 20 };

bool
request_read(struct req *req, const char *method, struct str target, struct str fields)
{
	static struct exchange x;
	static char *head;
	struct buf b;

	buf_init(&b, HEAD_MAX);
	buf_printf(&b, "%s ", method);
	buf_str(&b, target);
	buf_text(&b, " HTTP/1.1\r\nHost: a\r\n");
	buf_str(&b, fields);
	buf_text(&b, "\r\n\r\n");
	if (fields.n == 0)
		b.n -= 2;
	free(head); /* exactly its size, so that a step beyond it is seen */
	head = malloc(b.n);
	MUST(head && !buf_failed(&b));
	memcpy(head, b.p, b.n);
	x = (struct exchange){ .data = head, .n = b.n };
	buf_free(&b);
	http1_init(&x.h, HEAD_MAX - 1, BODY_MAX);
	req->x = &x;
	return http1_head(&x.h, head, x.n) == HTTP1_DONE && x.h.head_n == x.n;
}

/* ---- the store */

static struct {
	char dir[64];
	struct store *store;
	struct keyring *ring;
	struct db *db;
	struct ctx ctx;
} place;

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
	(void)st;
	(void)what;
	(void)ftw;
	return remove(path);
}

static void
store_gone(void)
{
	db_rollback(&place.ctx);
	db_close(place.db);
	store_close(place.store);
	keyring_close(place.ring);
	arena_free(place.ctx.arena);
	nftw(place.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void
store_make(void)
{
	char url[128], key[128], why[200];
	int from, to;

	strcpy(place.dir, "/tmp/plantao-fuzz-XXXXXX");
	MUST(mkdtemp(place.dir));
	snprintf(url, sizeof url, "sqlite:%s/t.db", place.dir);
	snprintf(key, sizeof key, "%s/master.key", place.dir);
	MUST(store_open(
	             &(struct store_conf){
	                     .url = url, .connect_timeout_ms = 9000, .statement_timeout_ms = 9000 },
	             &place.store, why) == OK);
	MUST(store_migrate(place.store, &from, &to, why) == OK);
	MUST(keyring_make_file(key, why) == OK && keyring_open_file(key, &place.ring, why) == OK);
	MUST(seal_init(place.store, place.ring) == OK && db_open(place.store, &place.db) == OK);
}

static void
institution_make(void)
{
	struct ctx *ctx = &place.ctx;

	*ctx = (struct ctx){ .arena = arena_new(STORE_ARENA), .reach = REACH_TENANT, .now = clock_now() };
	MUST(ctx->arena && db_begin(ctx, place.db, TX_WRITE) == OK);
	MUST(tenant_add(ctx, &(struct tenant_new){ .slug = STR("fuzz"), .name = STR("Fuzz") },
	             &ctx->tenant) == OK);
	MUST(db_commit(ctx) == OK);
	ctx->actor = id_new(ctx->now);
	MUST(db_begin(ctx, place.db, TX_READ) == OK);
}

struct ctx *
request_store(void)
{
	if (place.store == NULL) {
		store_make();
		institution_make();
		atexit(store_gone);
	}
	return &place.ctx;
}
