/* sandbox.c - three walls of the kernel: landlock for files, seccomp for system
 * calls, empty capability sets.  Landlock is spoken to without a library: there
 * is none in Debian 12, whose headers may also be older than the kernel. */
#include "sys/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A sanitizer's runtime traces its own process, and a run that counts lines writes its
 * counts at the end, wherever it was built. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
enum { INSTRUMENTED = true };
#else
enum { INSTRUMENTED = false };
#endif
#ifdef PLANTAO_COVERAGE
enum { COUNTS_LINES = true };
#else
enum { COUNTS_LINES = false };
#endif

enum { ALLOWED_MAX = 64, WHY_SIZE = 200 };

static struct {
	int fd; /* O_PATH */
	enum sandbox_may may;
} allowed[ALLOWED_MAX];
static size_t allowed_count;
static struct sandbox state;

static enum err
explain(char *why, const char *what, int error)
{
	snprintf(why, WHY_SIZE, "confinement: %s: %s", what, strerrordesc_np(error));
	return ERR_INTERNAL;
}

/* ---- landlock: linux/landlock.h, of the kernel we may meet rather than of the one we build on */

enum { LANDLOCK_VERSION_ASKED = 1, LANDLOCK_PATH_BENEATH = 1 };
enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_DIR = 1 << 4,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_DIR = 1 << 7,
	FS_MAKE_REG = 1 << 8,
	FS_MAKE_SYM = 1 << 12,
	FS_REFER = 1 << 13,     /* 2 */
	FS_TRUNCATE = 1 << 14,  /* 3 */
	FS_IOCTL_DEV = 1 << 15, /* 5 */
	FS_ALL = (1 << 16) - 1,
	NET_BIND_TCP = 1 << 0, /* 4 */
	SCOPES = 3,            /* 6: abstract sockets and signals of others */
};
enum { OF_A_FILE = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE };

struct landlock_ruleset {
	uint64_t files, network, scopes;
};
struct landlock_beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

static const uint64_t rights[] = {
	[SANDBOX_READ] = FS_READ_FILE | FS_READ_DIR,
	[SANDBOX_WRITE] = FS_READ_FILE | FS_READ_DIR | FS_WRITE_FILE | FS_TRUNCATE | FS_REMOVE_DIR |
	                  FS_REMOVE_FILE | FS_MAKE_DIR | FS_MAKE_REG | FS_REFER,
	[SANDBOX_NAMES] = FS_READ_DIR | FS_REMOVE_FILE | FS_MAKE_REG,
};

void
sandbox_allow(const char *path, enum sandbox_may may)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return;
	assert(allowed_count < ALLOWED_MAX);
	allowed[allowed_count].fd = fd;
	allowed[allowed_count++].may = may;
}

/* What a name's target stands in: it is replaced whenever the network changes. */
static void
allow_around(const char *name)
{
	char path[PATH_MAX];
	char *slash = realpath(name, path) ? strrchr(path, '/') : NULL;

	sandbox_allow(name, SANDBOX_READ);
	if (slash == NULL || slash == path || strncmp(path, "/etc/", 5) == 0)
		return;
	*slash = 0;
	sandbox_allow(path, SANDBOX_READ);
}

void
sandbox_allow_system(void)
{
	static const char *const read[] = { "/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache",
		"/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
		"/etc/protocols", "/etc/passwd", "/etc/gss", "/etc/krb5.conf", "/etc/localtime",
		"/usr/share/zoneinfo", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/usr/share/ca-certificates",
		"/usr/local/share/ca-certificates", "/proc/self", "/proc/meminfo", "/proc/stat",
		"/proc/cpuinfo", "/sys/fs/cgroup", "/sys/devices/system/cpu", "/dev/urandom", "/dev/random" };

	for (size_t i = 0; i < COUNT(read); i++)
		sandbox_allow(read[i], SANDBOX_READ);
	allow_around("/etc/resolv.conf");
	sandbox_allow("/dev/null", SANDBOX_WRITE);
}

static uint64_t
files_known(int version)
{
	uint64_t known = FS_ALL;

	if (version < 5)
		known &= ~(uint64_t)FS_IOCTL_DEV;
	if (version < 3)
		known &= ~(uint64_t)FS_TRUNCATE;
	if (version < 2)
		known &= ~(uint64_t)FS_REFER;
	if (INSTRUMENTED)
		known &= ~(uint64_t)FS_EXECUTE; /* what names the lines of a report */
	return known;
}

static bool
add_rule(int ruleset, int fd, uint64_t may)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	if (!S_ISDIR(st.st_mode))
		may &= OF_A_FILE;
	struct landlock_beneath rule = { may, fd };
	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PATH_BENEATH, &rule, 0) == 0;
}

static enum err
fence_files(int version, char *why)
{
	struct landlock_ruleset r = { .files = files_known(version) };
	size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;

	r.network = version >= 4 ? NET_BIND_TCP : 0;
	r.scopes = version >= 6 && !INSTRUMENTED ? SCOPES : 0;
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
	if (ruleset < 0)
		return explain(why, "landlock", errno);
	bool fine = true;
	for (size_t i = 0; fine && i < allowed_count; i++)
		fine = add_rule(ruleset, allowed[i].fd, rights[allowed[i].may] & r.files);
	fine = fine && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	int error = errno;
	close(ruleset);
	return fine ? OK : explain(why, "landlock", error);
}

static void
forget_allowed(void)
{
	for (size_t i = 0; i < allowed_count; i++)
		close(allowed[i].fd);
	allowed_count = 0;
}

static enum err
enter_landlock(struct sandbox *s, char *why)
{
	long version = COUNTS_LINES ? 0
	                            : syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION_ASKED);
	enum err err = OK;

	s->landlock = version > 0 ? (int)version : 0;
	if (s->landlock > 0)
		err = fence_files(s->landlock, why);
	forget_allowed();
	return err;
}

/* ---- capabilities */

static enum err
drop_powers(char *why)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0); /* root's to drop; others hold none */
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &head, none) != 0)
		return explain(why, "capabilities", errno);
	return OK;
}

/* ---- seccomp */

static int
allow_with_arguments(scmp_filter_ctx f)
{
	static const int families[] = { AF_INET, AF_INET6, AF_UNIX, AF_NETLINK };
	static const int names[] = { PR_SET_NAME, PR_GET_NAME, 0x53564d41 /* PR_SET_VMA */ };
	/* FIONREAD, FIONBIO, TCGETS: is there more, do not wait, is this a terminal */
	static const unsigned controls[] = { 0x541B, 0x5421, 0x5401 };
	const scmp_datum_t thread = 0x00010000 /* CLONE_THREAD */, both = PROT_WRITE | PROT_EXEC;
	int rc = 0;

#define RULE(...) rc = rc ? rc : seccomp_rule_add(f, __VA_ARGS__)
	for (size_t i = 0; i < COUNT(families); i++)
		RULE(SCMP_ACT_ALLOW, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]));
	for (size_t i = 0; i < COUNT(names); i++)
		RULE(SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)names[i]));
	for (size_t i = 0; i < COUNT(controls); i++)
		RULE(SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1(SCMP_CMP_EQ, controls[i]));
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread));
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0));
	/* No memory is both written and run; a library's code may still be mapped. */
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, both, 0));
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, both, PROT_WRITE));
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, both, PROT_EXEC));
	return rc;
}

/* Leak search at the end: a process beside this one that stops and reads it. */
static int
allow_instruments(scmp_filter_ctx f)
{
	int rc = 0;

	RULE(SCMP_ACT_ALLOW, SCMP_SYS(clone), 0);
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(ptrace), 0);
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(wait4), 0);
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(getdents), 0); /* gcc 12's lists the threads by the old call */
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(prctl), 0);
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 0);
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(mmap), 0);
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 0);
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(process_vm_readv), 0);
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(arch_prctl), 0);
	RULE(SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 0);
	return rc;
}

static int
fill_filter(scmp_filter_ctx f)
{
	int rc = 0;

#define MAY(name) RULE(SCMP_ACT_ALLOW, SCMP_SYS(name), 0);
#define MUST_NOT(name) RULE(SCMP_ACT_KILL_PROCESS, SCMP_SYS(name), 0);
#include "sys/syscalls.def"
	rc = rc ? rc : allow_with_arguments(f);
	if (INSTRUMENTED)
		return rc ? rc : allow_instruments(f);
	RULE(SCMP_ACT_KILL_PROCESS, SCMP_SYS(ptrace), 0);
	RULE(SCMP_ACT_KILL_PROCESS, SCMP_SYS(process_vm_readv), 0);
	RULE(SCMP_ACT_KILL_PROCESS, SCMP_SYS(process_vm_writev), 0);
	return rc;
}

static enum err
enter_filter(char *why)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int rc;

	if (f == NULL)
		return explain(why, "system calls", ENOMEM);
	/* A call of another architecture's numbers is an intruder's. */
	rc = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	rc = rc ? rc : seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
	rc = rc ? rc : seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a list */
	rc = rc ? rc : fill_filter(f);
	rc = rc ? rc : seccomp_load(f);
	seccomp_release(f);
	return rc == 0 ? OK : explain(why, "system calls", -rc);
}

/* ---- all */

enum err
sandbox_enter(struct sandbox *out, char *why)
{
	struct sandbox s = { .on = true, .filter = true, .powers = true };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return explain(why, "no new privileges", errno);
	TRY(enter_landlock(&s, why));
	TRY(drop_powers(why));
	TRY(enter_filter(why));
	*out = state = s;
	return OK;
}

struct sandbox
sandbox_state(void)
{
	return state;
}
