/* test_proc.c - the figures move with what the process does; limits are raised as far as they go. */
#include "../cm.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void
resident_memory(void **state)
{
#ifdef __SANITIZE_THREAD__
	enum { MIB = 1 << 20, MOST = 400 * MIB }; /* its shadow of what is written is resident too */
#elif defined __SANITIZE_ADDRESS__
	enum { MIB = 1 << 20, MOST = 80 * MIB }; /* an eighth more */
#else
	enum { MIB = 1 << 20, MOST = 70 * MIB };
#endif
	int64_t before = proc_rss();
	size_t n = 64 * MIB;
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_true(p != MAP_FAILED);
	memset(p, 1, n);
	int64_t grown = proc_rss() - before;
	munmap(p, n);
	assert_true(before > MIB);
	assert_in_range(grown, 60 * MIB, MOST);
}

static void
descriptors(void **state)
{
	int64_t before = proc_open_fds();
	int one = open("/dev/null", O_RDONLY), two = open("/dev/null", O_RDONLY);

	(void)state;
	assert_true(before >= 3);
	assert_int_equal(proc_open_fds(), before + 2);
	close(one);
	close(two);
	assert_int_equal(proc_open_fds(), before);
}

static void
memory(void **state)
{
	(void)state;
	assert_in_range(proc_memory_percent(), 1, 100);
}

/* In a child, whose limits die with it.  as_user: without root's privileges. */
static void
limit_case(rlim_t soft, rlim_t hard, unsigned wanted, bool as_user, bool want_ok, rlim_t want_soft)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct rlimit l = { soft, hard };
		if (setrlimit(RLIMIT_NOFILE, &l) != 0 || (as_user && geteuid() == 0 && seteuid(65534) != 0))
			_exit(10);
		bool ok = proc_raise_fds(wanted);
		getrlimit(RLIMIT_NOFILE, &l);
		_exit(ok != want_ok ? 11 : l.rlim_cur != want_soft ? 12 : 0);
	}
	waitpid(child, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Whether this process, by CAP_SYS_RESOURCE, may go above its hard limit; root in a container may not. */
static bool
privileged(void)
{
	pid_t child = fork();
	int status = 1;

	if (child == 0) {
		struct rlimit low = { 100, 200 }, high = { 300, 300 };
		_exit(setrlimit(RLIMIT_NOFILE, &low) != 0 || setrlimit(RLIMIT_NOFILE, &high) != 0);
	}
	waitpid(child, &status, 0);
	return status == 0;
}

static void
limits(void **state)
{
	bool may = privileged();

	(void)state;
	limit_case(100, 200, 50, true, true, 100);
	limit_case(100, 200, 150, true, true, 150);
	limit_case(100, 200, 200, true, true, 200);
	limit_case(100, 200, 300, true, false, 200);
	limit_case(100, 200, 300, false, may, may ? 300 : 200);
}

static void
hardening(void **state)
{
	pid_t child = fork();
	int status;

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		struct rlimit l;
		proc_harden();
		getrlimit(RLIMIT_CORE, &l);
#ifdef __SANITIZE_ADDRESS__
		_exit(l.rlim_max != 0);
#else
		_exit(l.rlim_max != 0 || prctl(PR_GET_DUMPABLE) != 0);
#endif
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resident_memory),
		cmocka_unit_test(descriptors),
		cmocka_unit_test(memory),
		cmocka_unit_test(limits),
		cmocka_unit_test(hardening),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
