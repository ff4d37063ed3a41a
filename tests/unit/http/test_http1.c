/* test_http1.c - the reader's own words: spans, limits, lists.  What is refused and
 * what is served stands in tests/http, on the wire. */
#include "http/http1.h"

#include "../cm.h"

static struct http1 h;

static enum http1_step
read_head(const char *text)
{
	http1_init(&h, 1000, 100);
	return http1_head(&h, text, strlen(text));
}

static struct str
span(const char *text, struct http1_span s)
{
	return (struct str){ text + s.at, s.n };
}

static void
test_what_was_read(void **state)
{
	(void)state;
	const char *text = "POST /a/b?c=d HTTP/1.1\r\nHost: x:1\r\nX-Two:  t w o \r\nContent-Length: 7\r\n"
	                   "x-two: 3\r\n\r\nabcdefg";
	assert_int_equal(read_head(text), HTTP1_DONE);
	assert_int_equal(h.head_n, strlen(text) - 7);
	assert_true(str_is(span(text, h.method), "POST"));
	assert_true(str_is(span(text, h.path), "/a/b"));
	assert_true(h.has_query && str_is(span(text, h.query), "c=d"));
	assert_true(str_is(span(text, h.host), "x:1"));
	assert_int_equal(h.length, 7);
	assert_int_equal(h.field_count, 4);
	assert_true(h.keep_alive && !h.chunked && !h.http10 && !h.expects_continue);
	assert_true(str_is(http1_field(&h, text, STR("X-TWO")), "t w o"));
	assert_false(str_is_set(http1_field(&h, text, STR("X-Tw"))));
	http1_reset(&h);
	assert_int_equal(h.field_count, 0);
	assert_int_equal(h.body_max, 100);
}

static void
test_more_is_asked_for(void **state)
{
	(void)state;
	const char *text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	http1_init(&h, 1000, 100);
	for (size_t n = 0; n < strlen(text); n++)
		assert_int_equal(http1_head(&h, text, n), HTTP1_MORE);
	assert_int_equal(http1_head(&h, text, strlen(text)), HTTP1_DONE);
}

static void
test_lives_of_connections(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool keeps;
	} rows[] = {
		{ "GET / HTTP/1.1\r\nHost: x\r\n\r\n", true },
		{ "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false },
		{ "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, CLOSE\r\n\r\n", false },
		{ "GET / HTTP/1.1\r\nHost: x\r\nConnection: closed\r\n\r\n", true },
		{ "GET / HTTP/1.0\r\n\r\n", false },
		{ "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true },
		{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n", false },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(read_head(rows[i].text), HTTP1_DONE);
		assert_int_equal(h.keep_alive, rows[i].keeps);
	}
}

static void
test_limits(void **state)
{
	(void)state;
	const char *text = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n";
	assert_int_equal(read_head(text), HTTP1_REFUSED);
	assert_int_equal(h.err, ERR_TOO_LARGE);
	http1_init(&h, strlen(text), 101);
	assert_int_equal(http1_head(&h, text, strlen(text)), HTTP1_DONE);
	http1_init(&h, strlen(text) - 1, 101);
	assert_int_equal(http1_head(&h, text, strlen(text)), HTTP1_REFUSED);
	assert_int_equal(h.err, ERR_HEADERS_TOO_LARGE);
	assert_non_null(h.detail);
	http1_init(&h, 1 << 20, 101);
	assert_int_equal(h.header_max, HTTP1_HEADER_MAX);
}

/* ---- chunks */

struct collected {
	char text[64];
	size_t n, used;
};

static enum http1_step
read_chunks(const char *in, struct collected *c)
{
	size_t used;
	struct str piece;
	enum http1_step step;
	*c = (struct collected){ 0 };
	size_t n = strlen(in);
	while ((step = http1_chunk(&h, in + c->used, n - c->used, &used, &piece)) == HTTP1_PIECE) {
		assert_true(c->n + piece.n < sizeof c->text);
		memcpy(c->text + c->n, piece.p, piece.n);
		c->n += piece.n;
		c->used += used;
	}
	c->used += used;
	return step;
}

static void
test_chunks(void **state)
{
	(void)state;
	struct collected c;
	const char *head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
	assert_int_equal(read_head(head), HTTP1_DONE);
	assert_true(h.chunked);
	const char *body = "3\r\nabc\r\n0A;x=\"y\"\r\n0123456789\r\n0\r\nT: 1\r\n\r\n";
	const char both[] = "3\r\nabc\r\n0A;x=\"y\"\r\n0123456789\r\n0\r\nT: 1\r\n\r\nGET / HTTP/1.1\r\n";
	assert_int_equal(read_chunks(both, &c), HTTP1_DONE);
	assert_string_equal(c.text, "abc0123456789");
	assert_int_equal(c.used, strlen(body));
	assert_int_equal(read_head(head), HTTP1_DONE);
	assert_int_equal(read_chunks("64\r\n", &c), HTTP1_MORE);
	assert_int_equal(read_head(head), HTTP1_DONE);
	assert_int_equal(read_chunks("65\r\n", &c), HTTP1_REFUSED);
	assert_int_equal(h.err, ERR_TOO_LARGE);
	assert_int_equal(read_head(head), HTTP1_DONE);
	assert_int_equal(read_chunks("4\r\nabcdX", &c), HTTP1_MORE);
	assert_int_equal(read_head(head), HTTP1_DONE);
	assert_int_equal(read_chunks("4\r\nabcdX\r\n", &c), HTTP1_REFUSED);
	assert_int_equal(h.err, ERR_MALFORMED);
}

/* ---- lists */

static void
test_lists(void **state)
{
	(void)state;
	struct str rest = STR(" a ,,\tb c,, d,"), item;
	static const char *const items[] = { "a", "b c", "d" };
	for (size_t i = 0; i < COUNT(items); i++) {
		assert_true(http1_first_item(&rest, &item));
		assert_true(str_is(item, items[i]));
	}
	assert_false(http1_first_item(&rest, &item));
	rest = STR(" a ,,\tb c,, d,");
	for (size_t i = COUNT(items); i-- > 0;) {
		assert_true(http1_last_item(&rest, &item));
		assert_true(str_is(item, items[i]));
	}
	assert_false(http1_last_item(&rest, &item));
	rest = (struct str){ 0 };
	assert_false(http1_last_item(&rest, &item));
	assert_false(http1_first_item(&rest, &item));
	assert_true(http1_is(STR("Keep-Alive"), "keep-alive"));
	assert_false(http1_is(STR("Keep-Alive"), "keep-aliv"));
	assert_false(http1_is((struct str){ 0 }, "x"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_read),
		cmocka_unit_test(test_more_is_asked_for),
		cmocka_unit_test(test_lives_of_connections),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_chunks),
		cmocka_unit_test(test_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
