/* ha_keep.c - the host's services put to work: by systemd where it is, else kept up by this
 * process (network namespaces, containers), which starts one that ended again after a second. */
#include "ops/ha.h"
#include "sys/crypto.h"
#include "sys/files.h"
#include "sys/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	SERVICES_MAX = 8,
	WORDS_MAX = 16,
	LOOK_MS = 100,
	AGAIN_MS = 1000,
	STOP_MS = 60000, /* of each, as TimeoutStopSec in service.unit */
	SYSTEMD_MS = 120000
};

struct kept {
	const struct ha_service *service;
	struct buf command;
	pid_t pid;     /* 0: not running */
	pid_t session; /* which it leads, and its successors belong to */
	uint64_t again_ns;
};

/* ---- systemd */

static enum err
systemctl(const char *verb, const char *unit, char *why)
{
	const char *argv[] = { "systemctl", verb, unit, NULL };
	struct buf b;
	int exit;

	buf_init(&b, 64 << 10);
	exit = run_program(argv, SYSTEMD_MS, &b);
	if (exit != 0)
		snprintf(why, HA_WHY, "systemctl %s %s: exit %d: %.*s", verb, unit ? unit : "", exit,
		        (int)(b.n > 200 ? 200 : b.n), b.p ? b.p : "");
	buf_free(&b);
	return exit == 0 ? OK : ERR_INTERNAL;
}

enum err
ha_units(const struct ha_place *p, const struct ha_say *say, char *why)
{
	for (const struct ha_service *s = ha_services; s->name != NULL; s++) {
		char unit[80], path[2 * HA_VALUE];

		if (!ha_is_for(&p->conf, s->hosts, p->host))
			continue;
		snprintf(unit, sizeof unit, "plantao-ha-%s.service", s->name);
		snprintf(path, sizeof path, "%s/systemd/%s", p->dir, unit);
		TRY(systemctl("link", path, why));
		TRY(systemctl("daemon-reload", NULL, why));
		TRY(systemctl("enable", unit, why));
		TRY(systemctl("restart", unit, why));
		ha_say(say, "ok     %s is enabled and started", unit);
	}
	return OK;
}

/* ---- without it */

static int
log_file(const struct ha_place *p, const char *name)
{
	char path[2 * HA_VALUE];

	ha_path(&p->conf, HA_KEY_state_dir, p->host, path);
	snprintf(path + strlen(path), HA_VALUE, "/%s.log", name);
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

static void
become(const struct passwd *pw)
{
	if (getuid() != 0)
		return;
	if (initgroups(pw->pw_name, pw->pw_gid) != 0 || setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	        setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		_exit(126);
}

static void
be_service(struct kept *k, const struct passwd *pw, int log_fd)
{
	char *argv[WORDS_MAX + 1], *p = k->command.p;
	sigset_t none;
	int n = 0;

	while (*p && n < WORDS_MAX) {
		argv[n++] = p;
		p += strcspn(p, " ");
		if (*p)
			*p++ = 0;
	}
	if (n == 0)
		_exit(127);
	argv[n] = NULL;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	dup2(log_fd, 1);
	dup2(log_fd, 2);
	become(pw);
	/* As under systemd: what the one who started us had set is not the service's. */
	clearenv();
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("LANG", "C.UTF-8", 1);
	setenv("HOME", pw->pw_dir, 1);
	execv(argv[0], argv);
	_exit(127);
}

static enum err
start(const struct ha_place *p, struct kept *k, const struct ha_say *say, char *why)
{
	struct passwd *pw = getpwnam(ha_owner_name(&p->conf, k->service->owner));
	int fd = log_file(p, k->service->name);

	if (pw == NULL || fd < 0) {
		snprintf(why, HA_WHY, "%s: no account or no log file", k->service->name);
		return ERR_INTERNAL;
	}
	k->pid = fork();
	if (k->pid == 0)
		be_service(k, pw, fd);
	close(fd);
	if (k->pid < 0) {
		k->pid = 0;
		return ERR_BUSY;
	}
	k->session = k->pid;
	ha_say(say, "start  %s as %s, process %d", k->service->name, pw->pw_name, (int)k->pid);
	return OK;
}

static pid_t
parent_of(pid_t pid)
{
	char path[40], text[400] = "", why[WHY_SIZE];
	const char *at;
	int64_t parent = 0;
	size_t n = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (file_read_into(path, text, sizeof text - 1, &n, why) != OK || (at = strrchr(text, ')')) == NULL ||
	        strlen(at) < 5)
		return 0;
	return str_int((struct str){ at + 4, strcspn(at + 4, " ") }, &parent) ? (pid_t)parent : 0;
}

/* A server that was told to upgrade itself (SIGUSR2) ends when its successor serves; that one is
 * our child by then, since we are its next of kin, as is the keeper between them until it ends.
 * Patroni's postmaster is an orphan of ours too, but in a session of its own.  0: none. */
static pid_t
successor(pid_t session)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	pid_t found = 0;

	while (dir != NULL && found == 0 && (e = readdir(dir)) != NULL) {
		int64_t pid;

		if (str_int(str_of(e->d_name), &pid) && getsid((pid_t)pid) == session &&
		        parent_of((pid_t)pid) == getpid())
			found = (pid_t)pid;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

static void
reap(struct kept *all, unsigned n, const struct ha_say *say)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned i = 0; i < n; i++) {
			struct kept *k = &all[i];

			if (k->pid != pid)
				continue;
			k->pid = 0;
			if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
				k->pid = strcmp(k->service->name, "plantao") == 0 ? successor(k->session) : 0;
			if (k->pid != 0)
				ha_say(say, "follow %s goes on as process %d", k->service->name, (int)k->pid);
			else
				ha_say(say, "ended  %s: %s %d", k->service->name,
				        WIFEXITED(status) ? "exit" : "signal",
				        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
			k->again_ns = clock_mono_ns() + AGAIN_MS * 1000000ull;
		}
}

static void
stop_one(struct kept *all, unsigned n, struct kept *k, const struct ha_say *say)
{
	uint64_t deadline_ns = clock_mono_ns() + STOP_MS * 1000000ull;
	bool haproxy = strcmp(k->service->name, "haproxy") == 0;
	pid_t told = 0;

	while (k->pid > 0 && clock_mono_ns() < deadline_ns) {
		if (k->pid != told) /* a successor is told as well */
			kill(told = k->pid, haproxy ? SIGUSR1 : SIGTERM);
		nanosleep(&(struct timespec){ 0, LOOK_MS * 1000000 }, NULL);
		reap(all, n, say);
		if (haproxy && k->pid > 0)
			kill(k->pid, SIGTERM);
	}
	if (k->pid <= 0)
		return;
	ha_say(say, "kill   %s: it does not stop in %d s", k->service->name, STOP_MS / 1000);
	kill(k->pid, SIGKILL);
	waitpid(k->pid, NULL, 0);
	k->pid = 0;
}

/* In the opposite order: first who uses, then what is used. */
static void
stop(struct kept *all, unsigned n, const struct ha_say *say)
{
	for (unsigned i = n; i-- > 0;)
		stop_one(all, n, &all[i], say);
}

static enum err
keep(const struct ha_place *p, struct kept *all, unsigned n, const struct ha_say *say, char *why)
{
	struct timespec look = { 0, LOOK_MS * 1000000 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (;;) {
		for (unsigned i = 0; i < n; i++)
			if (all[i].pid == 0 && clock_mono_ns() >= all[i].again_ns)
				TRY(start(p, &all[i], say, why));
		if (sigtimedwait(&set, NULL, &look) > 0)
			break;
		reap(all, n, say);
	}
	stop(all, n, say);
	return OK;
}

enum err
ha_keep(const struct ha_place *p, const struct ha_say *say, char *why)
{
	struct kept all[SERVICES_MAX] = { 0 };
	enum err err = OK;
	unsigned n = 0;

	for (const struct ha_service *s = ha_services; s->name != NULL && err == OK; s++) {
		if (!ha_is_for(&p->conf, s->hosts, p->host))
			continue;
		all[n].service = s;
		buf_init(&all[n].command, 4096);
		err = ha_command(&p->conf, p->host, s, &all[n].command, why);
		n++;
	}
	if (err == OK)
		err = keep(p, all, n, say, why);
	for (unsigned i = 0; i < n; i++)
		buf_free(&all[i].command);
	return err;
}
