/* test_gzip.c - compressing, and reading it back with zlib. */
#include "base/gzip.h"

#include <pthread.h>
#include <zlib.h>

#include "../cm.h"

enum { LARGE = 3 << 20 };

/* What body holds, unpacked; freed by the caller. */
static struct str
unpack(const struct buf *body, size_t room)
{
	char *out = malloc(room);
	assert_non_null(out);
	z_stream z = { .next_in = (Bytef *)body->p, .avail_in = (uInt)body->n };
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)room;
	assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
	assert_int_equal(z.avail_in, 0);
	struct str s = { out, room - z.avail_out };
	inflateEnd(&z);
	return s;
}

static void
fill(struct buf *b, size_t n)
{
	buf_init(b, 64 << 20);
	for (int i = 0; b->n < n; i++)
		buf_printf(b, "{\"id\":%d,\"name\":\"Maria\"},", i);
	b->n = n;
}

static void
round_trip(size_t n)
{
	struct buf body, plain;
	fill(&body, n);
	fill(&plain, n);
	assert_true(gzip_shorten(&body, buf_view(&body)));
	assert_true(body.n < n);
	struct str back = unpack(&body, n);
	assert_int_equal(back.n, n);
	assert_memory_equal(back.p, plain.p, n);
	free((void *)back.p);
	buf_free(&plain);
	buf_free(&body);
}

static void
test_round_trips(void **state)
{
	(void)state;
	round_trip(200);
	round_trip(1024);
	round_trip(100000);
	round_trip(LARGE);
	round_trip(1024);
}

static void
test_what_would_grow_is_left(void **state)
{
	(void)state;
	struct buf body;
	buf_init(&body, 1 << 20);
	uint32_t x = 1;
	for (int i = 0; i < 5000; i++) {
		x = x * 1664525u + 1013904223u;
		buf_byte(&body, (char)(x >> 24));
	}
	const char *before = body.p;
	assert_false(gzip_shorten(&body, buf_view(&body)));
	assert_ptr_equal(body.p, before);
	assert_int_equal(body.n, 5000);
	assert_false(gzip_shorten(&body, STR("a")));
	assert_false(gzip_shorten(&body, (struct str){ 0 }));
	buf_free(&body);
	round_trip(5000); /* the state is as good as new */
}

static void *
many(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++)
		round_trip(2000);
	return NULL;
}

static void
test_threads_have_their_own(void **state)
{
	(void)state;
	pthread_t threads[4];
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many, NULL), 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_what_would_grow_is_left),
		cmocka_unit_test(test_threads_have_their_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
