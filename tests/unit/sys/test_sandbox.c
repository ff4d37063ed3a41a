/* What a process can no longer do once it has entered: each try in a child of its own. */
#include "unit/cm.h"

#include "sys/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/plantao-sandbox-XXXXXX", ours[64], secret[64], new_file[64], names[64];

/* What a child says by its exit status. */
enum { FINE = 0, NO_WALLS = 99 };

static int
touch(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	return fd >= 0 && write(fd, "x", 1) == 1 && close(fd) == 0 ? 0 : -1;
}

static int
set_up(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(ours, sizeof ours, "%s/ours", dir);
	snprintf(secret, sizeof secret, "%s/secret", dir);
	snprintf(names, sizeof names, "%s/names", dir);
	snprintf(new_file, sizeof new_file, "%s/names/new", dir);
	return mkdir(names, 0700) == 0 && touch(ours) == 0 && touch(secret) == 0 ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(ours);
	unlink(secret);
	unlink(new_file);
	rmdir(names);
	return rmdir(dir);
}

static void
enter(void)
{
	struct sandbox s;
	char why[200];

	sandbox_allow_system();
	sandbox_allow(ours, SANDBOX_WRITE);
	sandbox_allow(names, SANDBOX_NAMES);
	if (sandbox_enter(&s, why) != OK || !s.filter || !s.powers)
		_exit(NO_WALLS);
}

/* The child's end after it entered and did this; its result is its exit status. */
static int
end_of(int (*what)(void))
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		enter();
		_exit(what());
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == NO_WALLS);
	return status;
}

static void
must_die(int (*what)(void))
{
	int status = end_of(what);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void
must_say(int (*what)(void), int error)
{
	int status = end_of(what);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), error);
}

static int
error_of(long result)
{
	return result >= 0 ? FINE : errno;
}

/* ---- what ends the process */

static int
run_a_program(void)
{
	char *argv[] = { "true", NULL };

	return execve("/bin/true", argv, NULL);
}
static int
fork_a_process(void)
{
	return (int)syscall(SYS_fork);
}
static int
signal_another(void)
{
	return kill(1, 0);
}
static int
change_user(void)
{
	return (int)syscall(SYS_setuid, 0);
}
static int
see_other_mounts(void)
{
	return (int)syscall(SYS_unshare, 0);
}

static void *
run_in_a_thread(void *arg)
{
	(void)arg;
	run_a_program();
	return NULL;
}
static int
run_a_program_in_a_thread(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, run_in_a_thread, NULL) != 0)
		return 1;
	return pthread_join(t, NULL);
}

static void
test_an_intruder_dies(void **state)
{
	(void)state;
	must_die(run_a_program);
	must_die(run_a_program_in_a_thread);
	must_die(fork_a_process);
	must_die(signal_another);
	must_die(change_user);
	must_die(see_other_mounts);
}

/* ---- what is refused */

static int
open_secret(void)
{
	return error_of(open(secret, O_RDONLY | O_CLOEXEC));
}
static int
open_passwords(void)
{
	return error_of(open("/etc/shadow", O_RDONLY | O_CLOEXEC));
}
static int
write_elsewhere(void)
{
	return error_of(open("/tmp/plantao-sandbox-elsewhere", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}
static int
write_a_name_s_bytes(void)
{
	return error_of(open(new_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}
static int
open_ours(void)
{
	return error_of(open(ours, O_RDWR | O_CLOEXEC));
}
static int
listen_anew(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return error_of(bind(fd, (const struct sockaddr *)&any, sizeof any));
}

static bool
has_landlock(int least)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= least;
}

static void
test_files_of_others_are_out_of_reach(void **state)
{
	(void)state;
	must_say(open_ours, FINE);
	if (!has_landlock(1)) {
		print_message("this kernel has no landlock: files are not fenced\n");
		skip();
	}
#ifdef PLANTAO_COVERAGE
	print_message("a build that counts lines may write its counts anywhere\n");
	skip();
#endif
	must_say(open_secret, EACCES);
	must_say(open_passwords, EACCES);
	must_say(write_elsewhere, EACCES);
	must_say(write_a_name_s_bytes, EACCES);
	if (has_landlock(4))
		must_say(listen_anew, EACCES);
}

static int
raw_socket(void)
{
	return error_of(socket(AF_PACKET, SOCK_RAW, 0));
}
static int
newest_call(void)
{
	return error_of(syscall(9999));
}
static int
written_and_run(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : FINE;
}

static void
test_other_calls_are_not_there(void **state)
{
	(void)state;
	must_say(raw_socket, ENOSYS);
	must_say(newest_call, ENOSYS);
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
	must_say(written_and_run, ENOSYS);
#else
	(void)written_and_run;
#endif
}

/* ---- capabilities */

static int
bytes_have_powers(void)
{
	char text[4096], *at;
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;

	text[n > 0 ? n : 0] = 0;
	for (at = text; (at = strstr(at, "\nCap")) != NULL; at++)
		if (strncmp(at + 9, "0000000000000000", 16) != 0 && strncmp(at, "\nCapBnd", 7) != 0)
			return 1;
	return n > 0 ? FINE : 2;
}

static void
test_no_power_is_left(void **state)
{
	(void)state;
	must_say(bytes_have_powers, FINE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_intruder_dies),
		cmocka_unit_test(test_files_of_others_are_out_of_reach),
		cmocka_unit_test(test_other_calls_are_not_there),
		cmocka_unit_test(test_no_power_is_left),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
