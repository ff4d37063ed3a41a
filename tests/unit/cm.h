/* cm.h - what every cmocka program includes, in the order cmocka wants. */
#ifndef TESTS_CM_H
#define TESTS_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* base.h has a function named fail. */
#undef fail
#undef fail_msg
#define fail_msg(...)                                                                                        \
	do {                                                                                                 \
		print_error(__VA_ARGS__);                                                                    \
		print_error("\n");                                                                           \
		_fail(__FILE__, __LINE__);                                                                   \
	} while (0)

/* How often something random, or of every size, is tried; a fortieth under valgrind, which takes fifty
 * times as long (tools/analyse.py). */
static inline int
rounds(int n)
{
	return getenv("PLANTAO_TEST_SLOW") && n >= 40 ? n / 40 : n;
}

#endif
