/* proc.c - /proc, limits and the dumpable flag.  Reads small kernel files
 * without the heap, so that a health check also answers when memory is short. */
#include "sys/proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SMALL_FILE = 4096 };

/* The start of a kernel file, ended with a 0; false: it cannot be read. */
static bool
slurp(const char *path, char out[SMALL_FILE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	do
		n = read(fd, out, SMALL_FILE - 1);
	while (n < 0 && errno == EINTR);
	close(fd);
	if (n < 0)
		return false;
	out[n] = 0;
	return true;
}

/* The first number at or behind p; -1: there is none before the line ends. */
static int64_t
number_at(const char *p)
{
	size_t digits = 0;
	int64_t v;

	while (*p && *p != '\n' && !isdigit((unsigned char)*p))
		p++;
	while (isdigit((unsigned char)p[digits]))
		digits++;
	return str_int((struct str){ p, digits }, &v) ? v : -1;
}

int64_t
proc_rss(void)
{
	char text[SMALL_FILE];
	const char *second;

	if (!slurp("/proc/self/statm", text) || (second = strchr(text, ' ')) == NULL)
		return 0;
	int64_t pages = number_at(second);
	return pages < 0 ? 0 : pages * sysconf(_SC_PAGESIZE);
}

int64_t
proc_open_fds(void)
{
	int64_t n = 0;
	DIR *d = opendir("/proc/self/fd");

	if (d == NULL)
		return 0;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n > 3 ? n - 3 : 0; /* ".", ".." and the directory itself */
}

static int
percent_of_machine(const char *meminfo)
{
	const char *total = strstr(meminfo, "MemTotal:"), *available = strstr(meminfo, "MemAvailable:");
	int64_t all = total ? number_at(total) : -1, left = available ? number_at(available) : -1;

	return all > 0 && left >= 0 && left <= all ? (int)(100 - left * 100 / all) : 0;
}

/* The path of this process's group below the mount of cgroup v2, from a line "0::/path". */
static bool
cgroup_dir(char *out, size_t room)
{
	static const char mount[] = "/sys/fs/cgroup";
	char text[SMALL_FILE];
	const char *line;

	if (!slurp("/proc/self/cgroup", text))
		return false;
	line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	if (line == NULL)
		return false;
	line = strchr(line, '/');
	size_t n = line ? strcspn(line, "\n") : 0;
	if (n == 0 || sizeof mount + n > room)
		return false;
	memcpy(out, mount, sizeof mount - 1);
	memcpy(out + sizeof mount - 1, line, n);
	out[sizeof mount - 1 + n] = 0;
	return true;
}

static int64_t
cgroup_number(const char *dir, const char *name, const char *word)
{
	char path[SMALL_FILE + 32], text[SMALL_FILE];
	size_t d = strlen(dir), n = strlen(name);

	if (d + 1 + n >= sizeof path)
		return -1;
	memcpy(path, dir, d);
	path[d] = '/';
	memcpy(path + d + 1, name, n + 1);
	if (!slurp(path, text))
		return -1;
	const char *at = word ? strstr(text, word) : text;
	return at ? number_at(at) : -1; /* "max" holds no number: no limit */
}

/* The fullest group from ours to the root.  Clean page cache counts as free:
 * the kernel drops it before it kills anybody.  0: no group has a limit. */
static int
percent_of_cgroups(void)
{
	char dir[SMALL_FILE];
	int worst = 0;

	if (!cgroup_dir(dir, sizeof dir))
		return 0;
	for (;;) {
		int64_t limit = cgroup_number(dir, "memory.max", NULL);
		int64_t used = cgroup_number(dir, "memory.current", NULL);
		int64_t cache = cgroup_number(dir, "memory.stat", "\ninactive_file ");
		if (limit > 0 && used >= 0) {
			used -= cache > 0 && cache < used ? cache : 0;
			int percent = (int)(used / (limit / 100 > 0 ? limit / 100 : 1));
			worst = percent > worst ? percent : worst;
		}
		char *slash = strrchr(dir, '/');
		if (slash == NULL || strcmp(dir, "/sys/fs/cgroup") == 0)
			return worst > 100 ? 100 : worst;
		*slash = 0;
	}
}

int
proc_memory_percent(void)
{
	char text[SMALL_FILE];
	int machine = slurp("/proc/meminfo", text) ? percent_of_machine(text) : 0;
	int group = percent_of_cgroups();

	return group > machine ? group : machine;
}

bool
proc_raise_fds(unsigned wanted)
{
	struct rlimit limit, more = { wanted, wanted };

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return false;
	if (limit.rlim_cur >= wanted)
		return true;
	if (limit.rlim_max < wanted && setrlimit(RLIMIT_NOFILE, &more) == 0)
		return true; /* root */
	bool enough = limit.rlim_max >= wanted;
	limit.rlim_cur = enough ? wanted : limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0 && enough;
}

void
proc_harden(void)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* its leak search traces this process */
	prctl(PR_SET_DUMPABLE, 0);
#endif
}
