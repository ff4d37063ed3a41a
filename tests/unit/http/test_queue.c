/* Who is served first, and who is refused when the queue stands. */
#include "unit/cm.h"

#include "http/edge.h"
#include "http/queue.h"
#include "sys/crypto.h"

enum { MANY = 1024, FAST_SPARED = 224 };
static const uint64_t MS = 1000000;

static struct exchange *all;
static unsigned used;
static struct queue q;
static struct exchange *out[MANY];
static struct queue_late late[QUEUE_LATE_MAX];
static unsigned n, late_n;

static int
fresh(void **state)
{
	(void)state;
	free(all);
	all = calloc(MANY, sizeof *all);
	assert_non_null(all);
	used = 0;
	queue_init(&q, LANE_FAST, 1, MANY);
	return 0;
}

/* One that has waited so long. */
static struct exchange *
waiting(uint64_t age_ms)
{
	assert_true(used < MANY);
	all[used].arrived_ns = clock_mono_ns() - age_ms * MS;
	return &all[used++];
}

static struct exchange *
put(enum shed shed, uint64_t age_ms)
{
	struct exchange *x = waiting(age_ms);

	assert_null(queue_put(&q, x, &shed));
	return x;
}

static void
put_many(enum shed shed, uint64_t age_ms, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		put(shed, age_ms);
}

static void
take(unsigned max)
{
	assert_true(queue_take(&q, out, max, max, &n, late, &late_n));
}

static unsigned
taken_from(const struct exchange *first, unsigned count)
{
	unsigned found = 0;

	for (unsigned i = 0; i < n; i++)
		found += out[i] >= first && out[i] < first + count;
	return found;
}

/* ---- order */

static void
test_the_first_class_is_served_first(void **state)
{
	struct exchange *bulk = put(SHED_BULK, 0), *write = put(SHED_WRITE, 0), *read = put(SHED_READ, 0),
	                *vital = put(SHED_VITAL, 0);

	(void)state;
	take(8);
	assert_int_equal(n, 4);
	assert_ptr_equal(out[0], vital);
	assert_ptr_equal(out[1], read);
	assert_ptr_equal(out[2], write);
	assert_ptr_equal(out[3], bulk);
	assert_int_equal(q.length, 0);
}

static void
test_a_class_is_first_in_first_out(void **state)
{
	struct exchange *first = put(SHED_READ, 0), *second = put(SHED_READ, 0);

	(void)state;
	take(1);
	assert_ptr_equal(out[0], first);
	take(1);
	assert_ptr_equal(out[0], second);
}

static void
test_nobody_starves(void **state)
{
	(void)state;
	put_many(SHED_READ, 0, 200);
	put_many(SHED_WRITE, 0, 100);
	put_many(SHED_BULK, 0, 3);
	take(64);
	assert_int_equal(n, 64);
	assert_int_equal(taken_from(all, 200), 64 - 8 - 3);
	assert_int_equal(taken_from(all + 200, 100), 8);
	assert_int_equal(taken_from(all + 300, 3), 3);
}

/* ---- overload */

static void
test_a_stall_refuses_nobody(void **state)
{
	(void)state;
	put_many(SHED_BULK, 5000, 500);
	take(64); /* what is old now may have waited for a disk: it is served, the interval begins */
	assert_int_equal(n, 64);
	assert_int_equal(late_n, 0);
	assert_int_not_equal(q.standing_since_ns, 0);
}

static void
test_a_standing_queue_refuses_the_last_class_first(void **state)
{
	(void)state;
	put_many(SHED_READ, 12, FAST_SPARED); /* a list has no such patience */
	put_many(SHED_BULK, 2000, 50);
	q.standing_since_ns = clock_mono_ns() - 1000 * MS;
	take(64);
	assert_int_equal(late_n, 50);
	for (unsigned i = 0; i < late_n; i++)
		assert_int_equal(late[i].shed, SHED_BULK);
	assert_int_equal(n, 64);
}

static void
test_who_has_just_come_is_not_late(void **state)
{
	(void)state;
	put_many(SHED_READ, 2000, 1);
	put_many(SHED_READ, 0, FAST_SPARED + 100);
	q.standing_since_ns = clock_mono_ns() - 1000 * MS;
	take(64);
	assert_int_equal(late_n, 1);
	assert_int_equal(n, 64);
}

static void
test_a_standing_queue_refuses_at_the_door(void **state)
{
	enum shed shed = SHED_BULK;
	struct exchange *x;

	(void)state;
	put_many(SHED_BULK, 200, FAST_SPARED + 1);
	q.standing_since_ns = clock_mono_ns() - 1000 * MS;
	x = waiting(0);
	assert_null(queue_put(&q, x, &shed));
	assert_ptr_equal(q.held.last, &all[0]);
	assert_ptr_equal(q.lines[SHED_BULK].last, x);
	assert_int_equal(q.length, FAST_SPARED + 1);
	put(SHED_READ, 0); /* its own line is empty: it will be served in time */
	take(1);
	assert_ptr_equal(out[0], &all[used - 1]);
}

/* 200 clients went away with their requests unserved; 200 others came. */
static void
test_a_crowd_that_left_goes_first(void **state)
{
	(void)state;
	put_many(SHED_BULK, 600, 200);
	q.standing_since_ns = clock_mono_ns() - 1000 * MS;
	put_many(SHED_BULK, 50, 200);
	take(64);
	assert_int_equal(q.held.length + late_n, 400 - FAST_SPARED);
	for (unsigned i = 0; i < late_n; i++)
		assert_true(late[i].x < all + 200);
	for (struct exchange *x = q.held.first; x != NULL; x = *(struct exchange **)exchange_slot(x))
		assert_true(x < all + 200);
}

static void
test_a_refusal_is_held_back(void **state)
{
	(void)state;
	put_many(SHED_BULK, 100, 3);
	put_many(SHED_BULK, 0, FAST_SPARED);
	q.standing_since_ns = clock_mono_ns() - 1000 * MS;
	take(64);
	assert_int_equal(late_n, 0);
	assert_int_equal(q.held.length, 3);
	while (q.length > 0)
		take(64);
	assert_true(late_n == 3 || q.held.length == 3);
	if (q.held.length > 0) /* nothing else waits: it does not sleep on them */
		take(64);
	assert_int_equal(late_n, 3);
	assert_int_equal(n, 0);
}

/* Few wait, because many were refused: those would come back if all were let wait again. */
static void
test_overload_lasts_while_refusals_are_held(void **state)
{
	(void)state;
	put_many(SHED_BULK, 100, 2 * FAST_SPARED);
	put_many(SHED_READ, 0, 1);
	q.standing_since_ns = clock_mono_ns() - 1000 * MS;
	take(64);
	assert_int_equal(n, 1);
	assert_int_equal(q.held.length, 2 * FAST_SPARED);
	assert_int_not_equal(q.standing_since_ns, 0);
	put_many(SHED_READ, 200, 1);
	put_many(SHED_READ, 0, 1);
	take(64);
	assert_int_equal(n, 1);
	assert_int_equal(q.held.length, 2 * FAST_SPARED + 1);
}

static void
test_a_standing_queue_gives_few(void **state)
{
	(void)state;
	put_many(SHED_READ, 12, FAST_SPARED + 200);
	assert_true(queue_take(&q, out, 64, 16, &n, late, &late_n));
	assert_int_equal(n, 64);
	q.standing_since_ns = clock_mono_ns() - 1000 * MS;
	assert_true(queue_take(&q, out, 64, 16, &n, late, &late_n));
	assert_int_equal(n, 16);
}

static void
test_overload_ends_with_the_queue(void **state)
{
	(void)state;
	put_many(SHED_READ, 0, 1);
	q.standing_since_ns = clock_mono_ns() - 1000 * MS;
	take(64);
	assert_int_equal(q.standing_since_ns, 0);
	assert_int_equal(late_n, 0);
}

/* ---- full, closed */

static void
test_the_last_class_makes_room(void **state)
{
	enum shed read = SHED_READ, bulk = SHED_BULK;
	struct exchange *oldest, *x;

	(void)state;
	queue_init(&q, LANE_FAST, 1, 2);
	oldest = put(SHED_BULK, 0);
	put(SHED_BULK, 0);
	assert_ptr_equal(queue_put(&q, waiting(0), &read), oldest);
	assert_int_equal(read, SHED_BULK);
	x = waiting(0);
	assert_ptr_equal(queue_put(&q, x, &bulk), x);
	assert_int_equal(q.length, 2);
}

static void
test_a_closed_queue_gives_what_waits_and_takes_nothing(void **state)
{
	enum shed shed = SHED_VITAL;
	struct exchange *x;

	(void)state;
	put(SHED_WRITE, 0);
	queue_close(&q);
	x = waiting(0);
	assert_ptr_equal(queue_put(&q, x, &shed), x);
	take(64);
	assert_int_equal(n, 1);
	assert_false(queue_take(&q, out, 64, 64, &n, late, &late_n));
}

/* ---- classes of routes */

static void
test_a_row_says_its_class_or_its_shape_does(void **state)
{
	static const struct field list[] = { { .name = "items", .kind = KIND_LIST } };
	static const struct type page = { .name = "page", .fields = list, .count = 1 };

	(void)state;
	assert_int_equal(route_shed(&(struct route){ .method = GET, .out = &page }), SHED_BULK);
	assert_int_equal(route_shed(&(struct route){ .method = GET }), SHED_READ);
	assert_int_equal(route_shed(&(struct route){ .method = POST, .reads = true }), SHED_READ);
	assert_int_equal(route_shed(&(struct route){ .method = POST }), SHED_WRITE);
	assert_int_equal(route_shed(&(struct route){ .method = POST, .shed = SHED_VITAL }), SHED_VITAL);
	assert_int_equal(route_shed(NULL), SHED_BULK);
}

static void
test_what_waits_is_divided_among_the_takers(void **state)
{
	(void)state;
	queue_init(&q, LANE_SEARCH, 3, MANY);
	put_many(SHED_BULK, 0, 7);
	take(64);
	assert_int_equal(n, 3);
	take(64);
	assert_int_equal(n, 2);
	take(1);
	assert_int_equal(n, 1);
	take(64);
	assert_int_equal(n, 1);
}

static void
test_only_lists_with_words_are_searches(void **state)
{
	(void)state;
	static const struct field fields[] = { { .name = "items", .kind = KIND_LIST } };
	static const struct type page = { .fields = fields, .count = 1 };
	const struct route list = { .method = GET, .out = &page };

	assert_int_equal(route_lane(&list, STR("q=febre")), LANE_SEARCH);
	assert_int_equal(route_lane(&list, STR("limit=20&q=febre")), LANE_SEARCH);
	assert_int_equal(route_lane(&list, STR("limit=20")), LANE_FAST);
	assert_int_equal(route_lane(&list, STR("q=")), LANE_FAST);
	assert_int_equal(route_lane(&list, STR("seq=1")), LANE_FAST);
	assert_int_equal(route_lane(&list, (struct str){ 0 }), LANE_FAST);
	assert_int_equal(route_lane(&(struct route){ .method = GET }, STR("q=febre")), LANE_FAST);
	assert_int_equal(
	        route_lane(&(struct route){ .method = POST, .lane = LANE_SLOW }, STR("q=febre")), LANE_SLOW);
	assert_int_equal(route_lane(NULL, STR("q=febre")), LANE_FAST);
}

#define TEST(f) cmocka_unit_test_setup(f, fresh)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_only_lists_with_words_are_searches),
		TEST(test_what_waits_is_divided_among_the_takers),
		TEST(test_the_first_class_is_served_first),
		TEST(test_a_class_is_first_in_first_out),
		TEST(test_nobody_starves),
		TEST(test_a_stall_refuses_nobody),
		TEST(test_a_standing_queue_refuses_the_last_class_first),
		TEST(test_who_has_just_come_is_not_late),
		TEST(test_a_standing_queue_refuses_at_the_door),
		TEST(test_a_crowd_that_left_goes_first),
		TEST(test_a_refusal_is_held_back),
		TEST(test_overload_lasts_while_refusals_are_held),
		TEST(test_a_standing_queue_gives_few),
		TEST(test_overload_ends_with_the_queue),
		TEST(test_the_last_class_makes_room),
		TEST(test_a_closed_queue_gives_what_waits_and_takes_nothing),
		TEST(test_a_row_says_its_class_or_its_shape_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
