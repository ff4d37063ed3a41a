/* test_files.c - ceilings, whole replacement, exclusive making, and a lock that
 * a second process meets and that a killed one does not leave behind. */
#include "../cm.h"
#include "sys/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[64], path[96], why[WHY_SIZE];

static size_t
files_in_dir(void)
{
	DIR *d = opendir(dir);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static int
make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/test_files.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/file", dir);
	return 0;
}

static int
remove_one(const char *name, const struct stat *st, int type, struct FTW *walk)
{
	(void)st, (void)type, (void)walk;
	return remove(name);
}

static int
remove_dir(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void
ceilings(void **state)
{
	static char data[200000], into[200000];
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072, 200000 };
	struct buf b;
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof data; i++)
		data[i] = (char)(i * 31 >> 3);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		assert_int_equal(file_write(path, data, sizes[i], 0600, why), OK);
		buf_init(&b, sizes[i] + 4);
		buf_text(&b, "head");
		assert_int_equal(file_read(path, sizes[i], &b, why), OK);
		assert_int_equal(b.n, sizes[i] + 4);
		assert_memory_equal(b.p + 4, data, sizes[i]);
		assert_int_equal(file_read_into(path, into, sizes[i], &n, why), OK);
		assert_int_equal(n, sizes[i]);
		assert_memory_equal(into, data, n);
		buf_free(&b);
		if (sizes[i] == 0)
			continue;
		buf_init(&b, 1 << 20);
		assert_int_equal(file_read(path, sizes[i] - 1, &b, why), ERR_TOO_LARGE);
		assert_non_null(strstr(why, path));
		assert_int_equal(file_read_into(path, into, sizes[i] - 1, &n, why), ERR_TOO_LARGE);
		buf_free(&b);
	}
}

static void
reading_refused(void **state)
{
	struct buf b;
	char c;
	size_t n = 5;

	(void)state;
	buf_init(&b, 100);
	assert_int_equal(file_read(path, 10, &b, why), ERR_NOT_FOUND);
	assert_non_null(strstr(why, "No such file"));
	assert_int_equal(file_read(dir, 10, &b, why), ERR_INTERNAL);
	assert_int_equal(file_read_into(dir, &c, 1, &n, why), ERR_INTERNAL);
	assert_int_equal(n, 5);
	buf_free(&b);
}

static void
replacing(void **state)
{
	char into[10];
	struct stat st;
	size_t n;

	(void)state;
	assert_int_equal(file_write(path, "first", 5, 0644, why), OK);
	assert_int_equal(file_write(path, "two", 3, 0600, why), OK);
	assert_int_equal(file_read_into(path, into, sizeof into, &n, why), OK);
	assert_int_equal(n, 3);
	assert_memory_equal(into, "two", 3);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(files_in_dir(), 1);

	char missing[120];
	snprintf(missing, sizeof missing, "%s/no/file", dir);
	assert_int_equal(file_write(missing, "x", 1, 0600, why), ERR_NOT_FOUND);
	assert_non_null(strstr(why, missing));
	/* A directory cannot be replaced by a file: nothing is left beside it. */
	snprintf(missing, sizeof missing, "%s/d", dir);
	assert_int_equal(mkdir(missing, 0700), 0);
	assert_int_equal(file_write(missing, "x", 1, 0600, why), ERR_INTERNAL);
	assert_int_equal(files_in_dir(), 2);
}

static void
making(void **state)
{
	char into[10];
	size_t n;

	(void)state;
	assert_int_equal(file_create(path, "one", 3, 0400, why), OK);
	assert_int_equal(file_create(path, "two", 3, 0400, why), ERR_DUPLICATE);
	assert_non_null(strstr(why, "File exists"));
	assert_int_equal(file_read_into(path, into, sizeof into, &n, why), OK);
	assert_memory_equal(into, "one", 3);
	assert_int_equal(files_in_dir(), 1);
}

static void
directories(void **state)
{
	char deep[120];
	struct stat st;

	(void)state;
	snprintf(deep, sizeof deep, "%s/a/b//c/", dir);
	assert_int_equal(file_make_dir(deep, 0700, why), OK);
	assert_int_equal(file_make_dir(deep, 0700, why), OK);
	deep[strlen(deep) - 1] = 0;
	assert_int_equal(stat(deep, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(file_make_dir(dir, 0700, why), OK);
	assert_int_equal(file_write(path, "x", 1, 0600, why), OK);
	assert_int_equal(file_make_dir(path, 0700, why), ERR_INTERNAL);
	assert_non_null(strstr(why, "Not a directory"));
	snprintf(deep, sizeof deep, "%s/under", path);
	assert_int_equal(file_make_dir(deep, 0700, why), ERR_INTERNAL);
}

/* A child that holds the lock and says so, then waits to be killed. */
static pid_t
holder(void)
{
	int fds[2];
	char c;

	assert_int_equal(pipe(fds), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct file_lock l;
		if (file_lock(path, &l, why) != OK || write(fds[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(fds[0], &c, 1), 1);
	close(fds[0]);
	close(fds[1]);
	return child;
}

static void
locking(void **state)
{
	struct file_lock l = { -1 };
	char want[WHY_SIZE];

	(void)state;
	pid_t child = holder();
	assert_int_equal(file_lock(path, &l, why), ERR_BUSY);
	snprintf(want, sizeof want, "%s: in use by process %d", path, (int)child);
	assert_string_equal(why, want);
	assert_int_equal(l.fd, -1);

	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(file_lock(path, &l, why), OK);
	struct file_lock second;
	assert_int_equal(file_lock(path, &second, why), ERR_BUSY);
	snprintf(want, sizeof want, "%s: in use by process %d", path, (int)getpid());
	assert_string_equal(why, want);
	file_unlock(&l);
	file_unlock(&l);
	assert_int_equal(file_lock(path, &l, why), OK);
	file_unlock(&l);
}

static void
disk(void **state)
{
	(void)state;
	assert_true(file_disk_free(dir) > 0);
	assert_int_equal(file_disk_free("/nonexistent"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ceilings, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(reading_refused, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(replacing, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(making, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(directories, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(locking, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(disk, make_dir, remove_dir),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
