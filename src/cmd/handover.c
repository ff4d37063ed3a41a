/* handover.c - spawning the successor.  Descriptor 3 is the listening socket, as systemd
 * would hand it in; the pipe's number stands in PLANTAO_SUCCESSOR, which both sides take
 * out of the environment at once. */
#include "cmd/handover.h"
#include "cmd/keeper.h"
#include "sys/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { LISTEN_AT = 3, WORD_AT = 4 };

extern char **environ;

static struct {
	char path[PATH_MAX];
	char **argv;
	int word_fd; /* to the predecessor; -1: there is none */
	int listen_fd;
} h = { .word_fd = -1, .listen_fd = -1 };

static int
systemd_socket(void)
{
	const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");

	if (fds == NULL || strcmp(fds, "1") != 0)
		return -1;
	return pid == NULL || strtol(pid, NULL, 10) == getpid() ? LISTEN_AT : -1;
}

void
handover_init(int argc, char **argv)
{
	ssize_t n = readlink("/proc/self/exe", h.path, sizeof h.path - 1);

	h.path[n > 0 ? n : 0] = 0;
	/* A copy: commands take their options out of argv. */
	h.argv = calloc((size_t)argc + 1, sizeof *h.argv);
	if (h.argv != NULL)
		memcpy(h.argv, argv, (size_t)argc * sizeof *argv);
	h.listen_fd = systemd_socket();
	if (getenv("PLANTAO_SUCCESSOR") != NULL)
		h.word_fd = WORD_AT;
	unsetenv("PLANTAO_SUCCESSOR");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
}

int
handover_socket(void)
{
	return h.listen_fd;
}
bool
handover_is_successor(void)
{
	return h.word_fd >= 0;
}

void
handover_ready(void)
{
	if (h.word_fd < 0)
		return;
	if (write(h.word_fd, "R", 1) != 1)
		log_event(EV_HANDOVER, { "step", LOG_S("the predecessor is gone") });
	close(h.word_fd);
	h.word_fd = -1;
}

/* Its word, or the end of the pipe when it dies. */
static bool
wait_for_word(int fd, int timeout_ms)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char word = 0;

	return poll(&p, 1, timeout_ms) == 1 && read(fd, &word, 1) == 1 && word == 'R';
}

int
handover_spawn(int listen_fd, int word_fd, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	/* The pipe first moves out of the way: it may be descriptor 3 itself. */
	rc = posix_spawn_file_actions_adddup2(&files, word_fd, 100);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, listen_fd, LISTEN_AT);
	rc = rc ? rc : posix_spawn_file_actions_adddup2(&files, 100, WORD_AT);
	rc = rc ? rc : posix_spawn_file_actions_addclose(&files, 100);
	rc = rc ? rc : posix_spawnattr_setsigmask(&attr, &none);
	rc = rc ? rc : posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	setenv("LISTEN_FDS", "1", 1);
	setenv("PLANTAO_SUCCESSOR", "1", 1);
	rc = rc ? rc : h.argv == NULL ? ENOMEM : posix_spawn(pid, h.path, &files, &attr, h.argv, environ);
	unsetenv("LISTEN_FDS");
	unsetenv("PLANTAO_SUCCESSOR");
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return rc;
}

bool
handover_start(int listen_fd, int timeout_ms)
{
	int word[2], error;
	bool fine;

	if (pipe2(word, O_CLOEXEC) != 0)
		return false;
	fine = keeper_spawn(listen_fd, word[1], &error);
	close(word[1]);
	if (!fine)
		log_event(EV_HANDOVER, { "step", LOG_S("cannot start the successor") },
		        { "errno", LOG_I(error) });
	if (fine && !wait_for_word(word[0], timeout_ms)) {
		log_event(
		        EV_HANDOVER, { "step", LOG_S("the successor did not come up: going on as before") });
		keeper_kill();
		fine = false;
	}
	close(word[0]);
	return fine;
}
