/* abreast.c - several works of one transaction side by side (db_abreast): each runs in
 * straight lines on a stack of its own; where it must wait for an answer the next one
 * runs, and when all wait, all that they asked travels at once. */
#include <stdlib.h>

#include "store/engine.h"
#include "sys/fiber.h"

struct abreast {
	struct fiber *fibers[DB_ABREAST_MAX];
	struct fiber *running;
};

struct piece {
	db_piece_fn *work;
	void *arg;
	size_t i;
};

static void
run_piece(void *arg)
{
	const struct piece *p = arg;

	p->work(p->arg, p->i);
}

static bool
go(struct abreast *a, size_t i)
{
	bool waits;

	a->running = a->fibers[i];
	waits = fiber_go(a->fibers[i]);
	a->running = NULL;
	return waits;
}

/* false: no memory for so many stacks. */
static bool
make_fibers(struct db *db, size_t n)
{
	if (db->abreast == NULL && (db->abreast = calloc(1, sizeof *db->abreast)) == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if (db->abreast->fibers[i] == NULL && (db->abreast->fibers[i] = fiber_new()) == NULL)
			return false;
	return true;
}

static void
all_at_once(struct ctx *ctx, struct piece *pieces, size_t n)
{
	struct tx *tx = ctx->tx;
	struct abreast *a = tx->db->abreast;
	bool waits[DB_ABREAST_MAX];
	size_t left = 0;

	tx->abreast = a;
	for (size_t i = 0; i < n; i++) {
		fiber_set(a->fibers[i], run_piece, &pieces[i]);
		left += waits[i] = go(a, i);
	}
	while (left > 0) {
		enum err err = tx->db->store->ops->settle(ctx);

		(void)err; /* each that waits sees the transaction broken */
		for (size_t i = 0; i < n; i++)
			if (waits[i] && !(waits[i] = go(a, i)))
				left--;
	}
	tx->abreast = NULL;
}

void
db_abreast(struct ctx *ctx, size_t n, db_piece_fn *work, void *arg)
{
	struct piece pieces[DB_ABREAST_MAX];
	struct tx *tx = ctx->tx;

	assert(tx != NULL && tx->open && tx->abreast == NULL && n <= DB_ABREAST_MAX);
	if (n < 2 || !tx->db->store->ops->far || !make_fibers(tx->db, n)) {
		for (size_t i = 0; i < n; i++)
			work(arg, i);
		return;
	}
	for (size_t i = 0; i < n; i++)
		pieces[i] = (struct piece){ work, arg, i };
	all_at_once(ctx, pieces, n);
}

void
abreast_wait(struct tx *tx)
{
	struct abreast *a = tx->abreast;

	assert(a != NULL && a->running != NULL);
	fiber_wait(a->running);
}

void
abreast_free(struct db *db)
{
	if (db->abreast == NULL)
		return;
	for (size_t i = 0; i < DB_ABREAST_MAX; i++)
		fiber_free(db->abreast->fibers[i]);
	free(db->abreast);
	db->abreast = NULL;
}
