/* postgres_ask.c - the same question of several works side by side, sent as one statement.
 *
 * A statement costs the server more than looking a row up by its key does.  So what is marked
 * `together` is held back until all works of a transaction wait, and those of one statement travel
 * as one, each parameter an array; the first column of a row says whose it is. */
#include <libpq-fe.h>

#include "store/postgres_wire.h"

struct answers {
	PGresult *r; /* NULL until it is there, and when it failed */
	unsigned users;
};

void
ask(struct postgres_db *p, struct asked *asked)
{
	assert(p->asking_count < COUNT(p->asking));
	p->asking[p->asking_count++] = asked;
}

static bool
goes_with(const struct asked *a, const struct asked *b)
{
	return a->stmt == b->stmt && id_eq(a->tenant, b->tenant);
}

/* Those that go with the first of n, their inputs one behind the other; the others close up. */
static size_t
gather(struct asked **asking, size_t n, struct answers *answers, struct value *args)
{
	const struct asked *first = asking[0];
	size_t binds = first->stmt->bind_count, left = 0;

	for (size_t i = 0; i < n; i++) {
		struct asked *a = asking[i];

		if (!goes_with(a, first)) {
			asking[left++] = a;
			continue;
		}
		memcpy(args + answers->users * binds, a->args, binds * sizeof *args);
		a->answers = answers;
		a->place = ++answers->users;
	}
	return left;
}

static enum err
send_those_of_one(struct ctx *ctx, struct postgres_db *p)
{
	const struct stmt *stmt = p->asking[0]->stmt;
	struct id tenant = p->asking[0]->tenant;
	struct value *args = arena_take_array(ctx->arena, sizeof *args, p->asking_count * stmt->bind_count);
	struct answers *answers = arena_take(ctx->arena, sizeof *answers);
	struct value arrays[STMT_BINDS_MAX];

	if (args == NULL || answers == NULL)
		return fail(ctx, ERR_TOO_LARGE, "%s: no room for %zu inputs", stmt->name, p->asking_count);
	*answers = (struct answers){ NULL, 0 };
	p->asking_count = gather(p->asking, p->asking_count, answers, args);
	TRY(array_pack(ctx, stmt, args, answers->users, arrays));
	return wire_stmt(p, stmt, tenant, arrays, &answers->r) ? OK : wire_lost(ctx, "send");
}

enum err
ask_send(struct ctx *ctx)
{
	struct postgres_db *p = wire_db(ctx);
	enum err err = OK;

	while (err == OK && p->asking_count > 0)
		err = send_those_of_one(ctx, p);
	p->asking_count = 0;
	return err;
}

static bool
is_row_of(const PGresult *r, int row, int64_t place)
{
	return wire_number(PQgetvalue(r, row, 0), PQgetlength(r, row, 0)) == place;
}

/* In practice rows come in the order of the questions, some without: behind place it is not. */
const PGresult *
ask_result(const struct asked *asked, int *row)
{
	const PGresult *r = asked->answers->r;
	int rows = PQntuples(r), first = asked->place < rows ? (int)asked->place : rows;

	assert(r != NULL);
	for (*row = first - 1; *row >= 0; --*row)
		if (is_row_of(r, *row, asked->place))
			return r;
	for (*row = first; *row < rows; ++*row)
		if (is_row_of(r, *row, asked->place))
			return r;
	*row = -1;
	return r;
}

void
ask_done(struct asked *asked)
{
	if (asked->answers != NULL && --asked->answers->users == 0)
		PQclear(asked->answers->r);
}
