/* test_keyring.c - which files are master keys, what wraps open under which, and locked memory. */
#include "../cm.h"
#include "sys/keyring_provider.h"

#include "sys/files.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char HEX_A[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
static const char HEX_B[] = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

static char dir[64], path[96], why[WHY_SIZE];
static unsigned char data_key[KEY_SIZE], wrapped[WRAP_SIZE];

static int
make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof dir, "/tmp/test_keyring.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof path, "%s/master.key", dir);
	random_bytes(data_key, sizeof data_key);
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
	unsetenv("CREDENTIALS_DIRECTORY");
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct keyring *
opened(void)
{
	struct keyring *k = NULL;

	if (keyring_open_file(path, &k, why) != OK)
		fail_msg("%s", why);
	return k;
}

static void
put(const char *text, size_t n, unsigned mode)
{
	assert_int_equal(file_write(path, text, n, mode, why), OK);
}

static void
refused(const char *problem)
{
	struct keyring *k = NULL;
	char want[WHY_SIZE];

	snprintf(want, sizeof want, "master key %s: %s", path, problem);
	assert_int_equal(keyring_open_file(path, &k, why), ERR_KEYS_UNAVAILABLE);
	assert_null(k);
	assert_string_equal(why, want);
}

static struct blob
wrap_of(struct keyring *k)
{
	assert_int_equal(keyring_wrap(k, STR("tenant 1"), data_key, wrapped), OK);
	return (struct blob){ wrapped, sizeof wrapped };
}

static void
opens(struct keyring *k, struct blob w)
{
	unsigned char key[KEY_SIZE] = { 0 };

	assert_int_equal(keyring_unwrap(k, STR("tenant 1"), w, key), OK);
	assert_memory_equal(key, data_key, KEY_SIZE);
}

static void
made_file(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(keyring_make_file(path, why), OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(keyring_make_file(path, why), ERR_DUPLICATE);
	struct keyring *k = opened();
	opens(k, wrap_of(k));
	assert_true(keyring_is_current(k, (struct blob){ wrapped, sizeof wrapped }));
	assert_true(keyring_healthy(k));
	keyring_close(k);
	keyring_close(NULL);
}

/* Raw bytes and their hex are the same key; the id is what the header says. */
static void
two_spellings(void **state)
{
	unsigned char raw[KEY_SIZE], id[SHA256_SIZE], text[22 + KEY_SIZE];

	(void)state;
	for (int i = 0; i < KEY_SIZE; i++)
		raw[i] = (unsigned char)i;
	put((const char *)raw, sizeof raw, 0400);
	struct keyring *k = opened();
	struct blob w = wrap_of(k);
	keyring_close(k);
	memcpy(text, "plantao master key id", 22);
	memcpy(text + 22, raw, KEY_SIZE);
	sha256(text, sizeof text, id);
	assert_memory_equal(w.p, id, KEY_ID_SIZE);

	put(HEX_A, 65, 0600);
	k = opened();
	opens(k, w);
	keyring_close(k);
	put(HEX_A, 64, 0600);
	k = opened();
	opens(k, w);
	keyring_close(k);
}

static void
refused_files(void **state)
{
	static const unsigned modes[] = { 0644, 0640, 0604, 0660, 0700, 0000, 0200, 04600 };
	char many[9 * 65 + 1], *p = many;

	(void)state;
	refused("No such file or directory");
	for (size_t i = 0; i < COUNT(modes); i++) {
		put(HEX_A, 65, modes[i]);
		if (geteuid() == 0 || (modes[i] & 0400))
			refused("must have mode 0600 or 0400");
	}
	put("", 0, 0600);
	refused("is empty");
	put("\n \n", 3, 0600);
	refused("is empty");
	put(HEX_A, 63, 0600);
	refused("must hold 32 bytes, or lines of 64 hex digits");
	put("0123456789abcdef0123456789abcde", 31, 0600);
	refused("must hold 32 bytes, or lines of 64 hex digits");
	put("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1g\n", 65, 0600);
	refused("must hold 32 bytes, or lines of 64 hex digits");
	put((const char[KEY_SIZE]){ 0 }, KEY_SIZE, 0600);
	refused("all bytes are the same: that is no key");
	for (int i = 0; i < 9; i++, p += 65) {
		memcpy(p, HEX_A, 65);
		p[0] = (char)('1' + i);
	}
	put(many, 9 * 65, 0600);
	refused("holds more than 8 keys");
	memcpy(many + 65, many, 65);
	put(many, 2 * 65, 0600);
	refused("holds the same key twice");
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	refused("is not a file");
	rmdir(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	refused("is not a file");
}

static void
another_owner(void **state)
{
	(void)state;
	put(HEX_A, 65, 0600);
	if (chown(path, 65534, (gid_t)-1) != 0) {
		print_message("not root: the owner cannot be changed\n");
		skip();
	}
	refused("belongs to another user");
}

static void
systemd_credentials(void **state)
{
	(void)state;
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	put(HEX_A, 65, 0440);
	keyring_close(opened());
	put(HEX_A, 65, 0444);
	refused("must be a credential of mode 0440 or 0400");
	setenv("CREDENTIALS_DIRECTORY", "/tmp", 1);
	put(HEX_A, 65, 0440);
	refused("must have mode 0600 or 0400");
}

static void
tampering(void **state)
{
	unsigned char key[KEY_SIZE], before[KEY_SIZE];

	(void)state;
	put(HEX_A, 65, 0600);
	struct keyring *k = opened();
	struct blob w = wrap_of(k);
	memset(key, 0x5a, sizeof key);
	memcpy(before, key, sizeof key);
	for (size_t i = 0; i < WRAP_SIZE; i++)
		for (int bit = 0; bit < 8; bit++) {
			wrapped[i] ^= (unsigned char)(1 << bit);
			enum err e = keyring_unwrap(k, STR("tenant 1"), w, key);
			assert_int_equal(e, i < KEY_ID_SIZE ? ERR_KEYS_UNAVAILABLE : ERR_INTERNAL);
			assert_memory_equal(key, before, sizeof key);
			wrapped[i] ^= (unsigned char)(1 << bit);
		}
	assert_int_equal(keyring_unwrap(k, STR("tenant 2"), w, key), ERR_INTERNAL);
	assert_int_equal(
	        keyring_unwrap(k, STR("tenant 1"), (struct blob){ w.p, w.n - 1 }, key), ERR_INTERNAL);
	assert_int_equal(keyring_unwrap(k, STR("tenant 1"), (struct blob){ 0 }, key), ERR_INTERNAL);
	assert_memory_equal(key, before, sizeof key);
	opens(k, w);
	keyring_close(k);
}

static void
rotation(void **state)
{
	unsigned char key[KEY_SIZE];

	(void)state;
	put(HEX_A, 65, 0600);
	struct keyring *old = opened();
	struct blob w = wrap_of(old);
	assert_int_equal(keyring_rotate_file(path, why), OK);
	assert_true(keyring_healthy(old));
	struct keyring *now = opened();
	opens(now, w);
	assert_false(keyring_is_current(now, w));
	assert_true(keyring_is_current(old, w));

	unsigned char anew[WRAP_SIZE];
	struct blob n = { anew, sizeof anew };
	assert_int_equal(keyring_wrap(now, STR("tenant 1"), data_key, anew), OK);
	assert_true(keyring_is_current(now, n));
	opens(now, n);
	/* Who runs on reads the file again when it meets a wrap of the newer key, but not in vain. */
	opens(old, n);
	put(HEX_A, 65, 0600);
	struct keyring *without = opened();
	assert_int_equal(keyring_unwrap(without, STR("tenant 1"), n, key), ERR_KEYS_UNAVAILABLE);
	keyring_close(without);
	for (int i = 1; i < MASTERS_MAX; i++)
		assert_int_equal(keyring_rotate_file(path, why), OK);
	assert_int_equal(keyring_rotate_file(path, why), ERR_KEYS_UNAVAILABLE);
	assert_non_null(strstr(why, "holds 8 keys"));
	keyring_close(now);
	now = opened();
	opens(now, w);
	keyring_close(now);
	keyring_close(old);
}

static void
health(void **state)
{
	(void)state;
	put(HEX_A, 65, 0600);
	struct keyring *k = opened();
	assert_true(keyring_healthy(k));
	put(HEX_B, 65, 0600);
	assert_false(keyring_healthy(k));
	put(HEX_A, 65, 0644);
	assert_false(keyring_healthy(k));
	unlink(path);
	assert_false(keyring_healthy(k));
	opens(k, wrap_of(k)); /* serving on with what is in memory */
	put(HEX_A, 65, 0600);
	assert_true(keyring_healthy(k));
	keyring_close(k);
}

/* Ends by SIGSEGV when the byte may not be read. */
static bool
readable(const volatile unsigned char *p)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct rlimit none = { 0, 0 };
		setrlimit(RLIMIT_CORE, &none);
		struct sigaction quiet = { .sa_handler = SIG_DFL };
		sigaction(SIGSEGV, &quiet, NULL); /* not the sanitizer's or cmocka's */
		_exit(*p == 1 ? 1 : 0);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status);
}

static void
locked_memory(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *p = secret_new(100), *big = secret_new(3 * page);

	(void)state;
	assert_non_null(p);
	assert_non_null(big);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	memset(p, 7, 100);
	memset(big, 7, 3 * page);
	assert_true(readable(p));
	assert_false(readable(p - 1));
	assert_false(readable(p + page));
	assert_true(readable(big + 3 * page - 1));
	assert_false(readable(big + 3 * page));
	secret_free(p, 100);
	secret_free(big, 3 * page);
	secret_free(NULL, 100);
	assert_false(readable(p));
	assert_null(secret_new(0));
	assert_null(secret_new(SIZE_MAX));
	assert_null(secret_new(SIZE_MAX / 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(made_file, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(two_spellings, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(refused_files, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(another_owner, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(systemd_credentials, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(tampering, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(rotation, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(health, make_dir, remove_dir),
		cmocka_unit_test(locked_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
