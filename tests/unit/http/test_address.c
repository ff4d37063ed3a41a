/* test_address.c - reading and printing addresses, networks, counts by address. */
#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>

#include "../cm.h"

static const char *
printed(const char *text)
{
	static char out[ADDRESS_TEXT];
	struct address a;
	if (!address_parse(str_of(text), &a))
		return NULL;
	size_t n = address_print(a, out);
	assert_int_equal(n, strlen(out));
	return out;
}

static void
test_reading(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "10.0.0.7", "10.0.0.7" },
		{ "10.0.0.7:443", "10.0.0.7" },
		{ "[10.0.0.7]", "10.0.0.7" },
		{ "::ffff:10.0.0.7", "10.0.0.7" },
		{ "2001:DB8:0:0::7", "2001:db8::7" },
		{ "[2001:db8::7]", "2001:db8::7" },
		{ "[2001:db8::7]:443", "2001:db8::7" },
		{ "::1", "::1" },
		{ "::", "::" },
		{ "255.255.255.255", "255.255.255.255" },
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(printed(rows[i][0]), rows[i][1]);
	static const char *const bad[] = { "", "10.0.0", "10.0.0.256", "10.0.0.07x", "a", "[", "[]",
		"[2001:db8::7", ":443", "2001:db8:::7", "1.2.3.4.5", "unknown", "_hidden", "10.0.0.7/8",
		" 10.0.0.7", "::1%lo", "00000000000000000000000000000000000000000000000001.2.3.4" };
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_null(printed(bad[i]));
	struct address a;
	assert_false(address_parse((struct str){ 0 }, &a));
}

static struct address
address(const char *text)
{
	struct address a;
	assert_true(address_parse(str_of(text), &a));
	return a;
}

static void
test_of_sockets(void **state)
{
	(void)state;
	struct sockaddr_storage s = { .ss_family = AF_INET };
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&s;
	v4->sin_addr.s_addr = htonl(0x0a000007);
	struct address a = address_of_socket(&s), same = address("10.0.0.7");
	assert_memory_equal(&a, &same, sizeof a);
	s = (struct sockaddr_storage){ .ss_family = AF_INET6 };
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&s;
	v6->sin6_addr = in6addr_loopback;
	assert_true(address_is_loopback(address_of_socket(&s)));
	s.ss_family = AF_UNIX;
	assert_false(address_is_loopback(address_of_socket(&s)));
}

static void
test_loopback(void **state)
{
	(void)state;
	assert_true(address_is_loopback(address("127.0.0.1")));
	assert_true(address_is_loopback(address("127.255.0.9")));
	assert_true(address_is_loopback(address("::1")));
	assert_true(address_is_loopback(address("::ffff:127.0.0.1")));
	assert_false(address_is_loopback(address("128.0.0.1")));
	assert_false(address_is_loopback(address("::")));
	assert_false(address_is_loopback(address("::7f00:1")));
}

static bool
hold(const char *list, const char *text)
{
	struct networks n;
	struct str bad;
	assert_true(networks_parse(list, &n, &bad));
	return networks_hold(&n, address(text));
}

static void
test_networks(void **state)
{
	(void)state;
	assert_false(hold(NULL, "10.0.0.7"));
	assert_false(hold("", "10.0.0.7"));
	assert_true(hold("10.0.0.7", "10.0.0.7"));
	assert_false(hold("10.0.0.7", "10.0.0.6"));
	assert_true(hold(" 192.168.0.0/16 ,10.0.0.0/8", "10.200.3.4"));
	assert_false(hold("192.168.0.0/16, 10.0.0.0/8", "11.0.0.0"));
	assert_true(hold("10.0.0.128/25", "10.0.0.200"));
	assert_false(hold("10.0.0.128/25", "10.0.0.100"));
	assert_true(hold("10.0.0.6/31", "10.0.0.7"));
	assert_true(hold("0.0.0.0/0", "203.0.113.9"));
	assert_false(hold("0.0.0.0/0", "2001:db8::9"));
	assert_true(hold("2001:db8::/32", "2001:db8:ffff::1"));
	assert_false(hold("2001:db8::/32", "2001:db9::1"));
	assert_true(hold("::/0", "10.0.0.7"));
	assert_true(hold("2001:db8::7/128", "2001:db8::7"));
}

static void
test_lists_that_are_none(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "10.0.0.0/33", "10.0.0.0/33" },
		{ "10.0.0.0/8, proxy.example", "proxy.example" },
		{ "10.0.0.0/", "10.0.0.0/" },
		{ "10.0.0.0/-1", "10.0.0.0/-1" },
		{ "10.0.0.0/+8", "10.0.0.0/+8" },
		{ "10.0.0.0/8x", "10.0.0.0/8x" },
		{ "2001:db8::/129", "2001:db8::/129" },
		{ "/8", "/8" },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct networks n;
		struct str bad;
		assert_false(networks_parse(rows[i][0], &n, &bad));
		assert_true(str_is(bad, rows[i][1]));
	}
	char many[(NETWORKS_MAX + 1) * 8] = "";
	for (int i = 0; i <= NETWORKS_MAX; i++)
		memcpy(many + (ptrdiff_t)i * 8, "1.1.1.1,", 8);
	many[sizeof many - 1] = '\0';
	struct networks n;
	struct str bad;
	assert_false(networks_parse(many, &n, &bad));
}

static void
test_counting(void **state)
{
	(void)state;
	struct address_counts *c = address_counts_new();
	assert_non_null(c);
	struct address one = address("203.0.113.9"), other = address("203.0.113.10");
	assert_false(address_enter(c, one, 0));
	for (int i = 0; i < 3; i++)
		assert_true(address_enter(c, one, 3));
	assert_false(address_enter(c, one, 3));
	assert_true(address_enter(c, other, 3));
	address_leave(c, one);
	assert_true(address_enter(c, one, 3));
	assert_false(address_enter(c, one, 3));
	for (int i = 0; i < 3; i++)
		address_leave(c, one);
	for (int i = 0; i < 3; i++)
		assert_true(address_enter(c, one, 3));
	/* IPv6: a subscriber has a /64. */
	assert_true(address_enter(c, address("2001:db8::1"), 2));
	assert_true(address_enter(c, address("2001:db8::2"), 2));
	assert_false(address_enter(c, address("2001:db8::3"), 2));
	assert_true(address_enter(c, address("2001:db8:0:1::3"), 2));
	address_counts_free(c);
	address_counts_free(NULL);
}

enum { THREADS = 4, TURNS = 2000, ADDRESSES = 50 };

static void *
come_and_go(void *arg)
{
	for (unsigned i = 0; i < TURNS; i++) {
		struct address a = address("198.51.100.0");
		a.b[15] = (unsigned char)(i % ADDRESSES);
		assert_true(address_enter(arg, a, THREADS));
		address_leave(arg, a);
	}
	return NULL;
}

static void
test_counting_from_many_threads(void **state)
{
	(void)state;
	struct address_counts *c = address_counts_new();
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, c), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < ADDRESSES; i++) {
		struct address a = address("198.51.100.0");
		a.b[15] = (unsigned char)i;
		assert_true(address_enter(c, a, 1));
	}
	address_counts_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_of_sockets),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_lists_that_are_none),
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_counting_from_many_threads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
