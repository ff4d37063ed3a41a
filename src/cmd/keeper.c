/* keeper.c - see keeper.h.  A word is one byte, its descriptors travel with it; the answer is
 * a number (0 or an errno; a process) and perhaps a descriptor. */
#include "cmd/keeper.h"
#include "cmd/handover.h"
#include "sys/keyring_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KEEPER_FD = 3, FDS_MAX = 2, ANSWER_TRIES = 500, ANSWER_PAUSE_NS = 10000000 };
enum word { WORD_SPAWN = 'S', WORD_KILL = 'K', WORD_MASTER_KEY = 'M', WORD_VAULT_TOKEN = 'T' };

static struct {
	char master_key[PATH_MAX], vault_token[PATH_MAX];
	int fd;    /* the server's end */
	pid_t pid; /* the keeper */
	pthread_mutex_t lock;
} k = { .fd = -1, .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- a message with descriptors */

static bool
say(int socket, const void *p, size_t n, const int *fds, size_t fd_count)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control = { 0 };
	struct iovec bytes = { (void *)(uintptr_t)p, n };
	struct msghdr m = { .msg_iov = &bytes, .msg_iovlen = 1 };

	if (fd_count > 0) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		*c = (struct cmsghdr){ .cmsg_len = CMSG_LEN(fd_count * sizeof(int)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(c), fds, fd_count * sizeof(int));
	}
	return sendmsg(socket, &m, MSG_NOSIGNAL) == (ssize_t)n;
}

/* false at the end. */
static bool
hear(int socket, void *p, size_t n, int fds[static FDS_MAX])
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control = { 0 };
	struct iovec bytes = { p, n };
	struct msghdr m = {
		.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};
	ssize_t got;

	fds[0] = fds[1] = -1;
	do
		got = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	if (got == (ssize_t)n && c != NULL && c->cmsg_type == SCM_RIGHTS && c->cmsg_len > CMSG_LEN(0))
		memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	return got == (ssize_t)n;
}

/* ---- the keeper's side */

static void
close_both(const int fds[static FDS_MAX])
{
	for (int i = 0; i < FDS_MAX; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void
reap(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int32_t
open_secret(const char *path, int *fd)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return *fd >= 0 ? 0 : errno;
}

/* Who asked waits without a limit: an answer that cannot be sent now, for want of memory or with too many
 * descriptors on their way, is sent later; one that cannot be sent at all is an end, which is an answer too.
 */
static void
give_answer(int socket, int32_t answer, int fd)
{
	for (int i = 0; i < ANSWER_TRIES; i++) {
		if (say(socket, &answer, sizeof answer, &fd, fd >= 0))
			return;
		nanosleep(&(struct timespec){ .tv_nsec = ANSWER_PAUSE_NS }, NULL);
	}
	_exit(1);
}

static void
obey(int socket, char word, const int fds[static FDS_MAX])
{
	static pid_t last;
	int32_t answer = 0;
	int fd = -1;

	if (word == WORD_SPAWN && fds[1] >= 0) {
		answer = handover_spawn(fds[0], fds[1], &last);
	} else if (word == WORD_KILL) {
		reap(last);
		last = 0;
	} else if (word == WORD_MASTER_KEY) {
		answer = open_secret(k.master_key, &fd);
	} else if (word == WORD_VAULT_TOKEN) {
		answer = open_secret(k.vault_token, &fd);
	}
	give_answer(socket, answer, fd);
	if (fd >= 0)
		close(fd);
}

static _Noreturn void
keep(int socket)
{
	int fds[FDS_MAX];
	sigset_t all;
	char word;

	/* The terminal's and the service manager's signals are for the server: we end when it does. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "plantao-keeper", 0, 0, 0);
	if (socket != KEEPER_FD)
		dup3(socket, KEEPER_FD, O_CLOEXEC);
	close_range(KEEPER_FD + 1, ~0u, 0); /* the listening socket too: it closes with the server */
	while (hear(KEEPER_FD, &word, 1, fds)) {
		obey(KEEPER_FD, word, fds);
		close_both(fds);
	}
	_exit(0);
}

/* ---- the server's side */

enum err
keeper_start(const struct conf *conf, char *why)
{
	int ends[2];

	snprintf(k.master_key, sizeof k.master_key, "%s", keyring_file_path(conf));
	snprintf(k.vault_token, sizeof k.vault_token, "%s", conf->vault_token_file);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0) {
		k.pid = fork();
		if (k.pid == 0)
			keep(ends[1]);
		close(ends[1]);
		if (k.pid > 0) {
			k.fd = ends[0];
			return OK;
		}
		close(ends[0]);
	}
	snprintf(why, 200, "no process for the keeper: %s", strerrordesc_np(errno));
	return ERR_INTERNAL;
}

static int
ask(enum word word, const int *fds, size_t fd_count, int *fd)
{
	char byte = (char)word;
	int32_t answer = EPIPE;
	int got[FDS_MAX] = { -1, -1 };

	pthread_mutex_lock(&k.lock);
	if (!say(k.fd, &byte, 1, fds, fd_count) || !hear(k.fd, &answer, sizeof answer, got))
		answer = EPIPE;
	pthread_mutex_unlock(&k.lock);
	*fd = got[0];
	return answer;
}

bool
keeper_spawn(int listen_fd, int word_fd, int *error)
{
	int none;

	*error = ask(WORD_SPAWN, (const int[]){ listen_fd, word_fd }, 2, &none);
	return *error == 0;
}

void
keeper_kill(void)
{
	int none;

	(void)ask(WORD_KILL, NULL, 0, &none);
}

static int
open_key(const char *path)
{
	enum word word = strcmp(path, k.master_key) == 0 ? WORD_MASTER_KEY : WORD_VAULT_TOKEN;
	int fd = -1, error;

	if (word == WORD_VAULT_TOKEN && strcmp(path, k.vault_token) != 0)
		return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	error = ask(word, NULL, 0, &fd);
	errno = error == 0 && fd < 0 ? EMFILE : error; /* the kernel drops what we have no room for */
	return fd;
}

void
keeper_opens_keys(void)
{
	keyring_open_with(open_key);
}

void
keeper_stop(void)
{
	if (k.fd < 0)
		return;
	keyring_open_with(NULL);
	close(k.fd);
	k.fd = -1;
}
