/* run.c - spawn, read, wait. */
#include "sys/run.h"
#include "sys/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 20, PIECE = 4096 };

extern char **environ;

static int
spawn(const char *const argv[], int out_fd, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	int rc = posix_spawn_file_actions_init(&files);

	if (rc != 0)
		return rc;
	rc = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	if (rc == 0 && out_fd >= 0) {
		rc = posix_spawn_file_actions_adddup2(&files, out_fd, 1);
		rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, out_fd, 2);
	}
	if (rc == 0)
		rc = posix_spawnp(pid, argv[0], &files, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	return rc;
}

/* Of root, whatever it is for the moment: the child is the account for good. */
static int
spawn_as(const struct passwd *pw, const char *const argv[], int out_fd, pid_t *pid)
{
	*pid = fork();
	if (*pid < 0)
		return errno;
	if (*pid > 0)
		return 0;
	if (seteuid(0) != 0 || initgroups(pw->pw_name, pw->pw_gid) != 0 ||
	        setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	        setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0 || chdir("/") != 0)
		_exit(126);
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	if (out_fd >= 0) {
		dup2(out_fd, 1);
		dup2(out_fd, 2);
	}
	setenv("HOME", pw->pw_dir, 1);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static int
left_ms(uint64_t deadline_ns)
{
	uint64_t now_ns = clock_mono_ns();

	return now_ns >= deadline_ns ? 0 : (int)((deadline_ns - now_ns) / 1000000 + 1);
}

/* Until the program closes it; what outlives its parent with our pipe is not waited for. */
static void
read_words(int fd, uint64_t deadline_ns, struct buf *out)
{
	char piece[PIECE];
	ssize_t n;

	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };

		if (poll(&p, 1, left_ms(deadline_ns)) <= 0)
			return;
		n = read(fd, piece, sizeof piece);
		if (n <= 0)
			return;
		buf_add(out, piece, (size_t)n);
	}
}

static int
wait_for(pid_t pid, uint64_t deadline_ns)
{
	struct timespec pause = { 0, LOOK_MS * 1000000 };
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (left_ms(deadline_ns) == 0) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return RUN_TOO_LONG;
		}
		nanosleep(&pause, NULL);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : RUN_KILLED;
}

static int
run(const struct passwd *pw, const char *const argv[], int timeout_ms, struct buf *out)
{
	uint64_t deadline_ns = clock_mono_ns() + (uint64_t)timeout_ms * 1000000;
	int ends[2] = { -1, -1 }, rc;
	pid_t pid;

	if (out != NULL && pipe2(ends, O_CLOEXEC) != 0)
		return RUN_NOT_STARTED;
	rc = pw ? spawn_as(pw, argv, ends[1], &pid) : spawn(argv, ends[1], &pid);
	if (out != NULL)
		close(ends[1]);
	if (rc == 0 && out != NULL)
		read_words(ends[0], deadline_ns, out);
	if (out != NULL)
		close(ends[0]);
	return rc == 0 ? wait_for(pid, deadline_ns) : RUN_NOT_STARTED;
}

int
run_program(const char *const argv[], int timeout_ms, struct buf *out)
{
	return run(NULL, argv, timeout_ms, out);
}

int
run_program_as(const char *user, const char *const argv[], int timeout_ms, struct buf *out)
{
	const struct passwd *pw = user[0] ? getpwnam(user) : NULL;

	if (user[0] == 0 || (pw != NULL && pw->pw_uid == geteuid() && getuid() == geteuid()))
		return run(NULL, argv, timeout_ms, out);
	return pw != NULL && getuid() == 0 ? run(pw, argv, timeout_ms, out) : RUN_NOT_STARTED;
}

bool
run_exists(const char *name)
{
	const char *path = getenv("PATH");
	char file[4096];

	if (strchr(name, '/') != NULL)
		return access(name, X_OK) == 0;
	for (path = path ? path : "/usr/bin:/bin"; *path; path += strspn(path, ":")) {
		size_t n = strcspn(path, ":");

		snprintf(file, sizeof file, "%.*s/%s", (int)n, path, name);
		if (access(file, X_OK) == 0)
			return true;
		path += n;
	}
	return false;
}
