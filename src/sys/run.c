/* run.c - spawn, read, wait. */
#include "sys/run.h"
#include "sys/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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

int
run_program(const char *const argv[], int timeout_ms, struct buf *out)
{
	uint64_t deadline_ns = clock_mono_ns() + (uint64_t)timeout_ms * 1000000;
	int ends[2] = { -1, -1 }, rc;
	pid_t pid;

	if (out != NULL && pipe2(ends, O_CLOEXEC) != 0)
		return RUN_NOT_STARTED;
	rc = spawn(argv, ends[1], &pid);
	if (out != NULL)
		close(ends[1]);
	if (rc == 0 && out != NULL)
		read_words(ends[0], deadline_ns, out);
	if (out != NULL)
		close(ends[0]);
	return rc == 0 ? wait_for(pid, deadline_ns) : RUN_NOT_STARTED;
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
