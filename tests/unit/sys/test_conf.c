/* test_conf.c - what the file and the environment may say, and that each wrong
 * line is refused with one line naming place, key, value and what is allowed. */
#include "../cm.h"
#include "capture.h"
#include "sys/conf.h"

#include "sys/conf_check.h"

#include <stdio.h>
#include <unistd.h>
#include <jansson.h>

static char dir[] = "/tmp/test_conf.XXXXXX", file[64], secret[64], why[300];
static struct conf conf;

static void
write_to(const char *path, const char *text, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	fclose(f);
}

static bool
load(const char *text)
{
	write_to(file, text, strlen(text));
	memset(why, '#', sizeof why);
	why[299] = 0;
	return conf_load(file, &conf, why);
}

static void
refused(const char *text, const char *message)
{
	char want[400];

	assert_false(load(text));
	snprintf(want, sizeof want, "%s%s", file, message);
	assert_string_equal(why, want);
}

static int
clear(void **state)
{
	(void)state;
	for (char **e = environ; *e;) {
		char name[600];
		snprintf(name, sizeof name, "%.*s", (int)strcspn(*e, "="), *e);
		if (strncmp(name, "PLANTAO_", 8) == 0 || strncmp(name, "KUBERNETES_", 11) == 0) {
			unsetenv(name);
			e = environ;
		} else
			e++;
	}
	return 0;
}

static void
defaults(void **state)
{
	(void)state;
	assert_true(conf_load(NULL, &conf, why));
	assert_string_equal(conf.listen, "127.0.0.1:8080");
	assert_int_equal(conf.rate_limit_write_per_min, 20);
	assert_true(conf.max_connections >= 12000);
	assert_null(conf.file);
	assert_int_equal(conf.origin[CONF_listen], CONF_FROM_DEFAULT);
	assert_string_equal(conf_path(&conf, "master.key"), "plantao-data/master.key");
}

static void
file_and_environment(void **state)
{
	(void)state;
	setenv("PLANTAO_WORKERS", "7", 1);
	setenv("PLANTAO_SOURCE", "/src", 1);
	setenv("PLANTAO_TEST_ANYTHING", "x", 1);
	setenv("PLANTAOX", "x", 1);
	assert_true(load("# a comment\n\n  workers = 3 \r\nqueue_max=99\ndata_dir = /var/lib/a = b # "
	                 "c\nlisten\t=\t[::1]:0\n"
	                 "database_url = sqlite:x"));
	assert_int_equal(conf.workers, 7);
	assert_int_equal(conf.origin[CONF_workers], CONF_FROM_ENV);
	assert_int_equal(conf.queue_max, 99);
	assert_int_equal(conf.origin[CONF_queue_max], CONF_FROM_FILE);
	assert_string_equal(conf.data_dir, "/var/lib/a = b # c");
	assert_string_equal(conf.listen, "[::1]:0");
	assert_string_equal(conf.database_url, "sqlite:x");
	assert_string_equal(conf.file, file);
}

static void
wrong_lines(void **state)
{
	(void)state;
	refused("sesion_hours = 3\n", ":1: sesion_hours: unknown key, did you mean session_hours?; \"plantao "
	                              "conf\" lists the keys");
	refused("\n\nfrobnicate = 3\n", ":3: frobnicate: unknown key; \"plantao conf\" lists the keys");
	refused("workers = many\n", ":1: workers = many: must be a whole number from 0 to 64");
	refused("workers = \n", ":1: workers = : must be a whole number from 0 to 64");
	refused("workers = 65\n", ":1: workers = 65: must be a whole number from 0 to 64");
	refused("workers = -1\n", ":1: workers = -1: must be a whole number from 0 to 64");
	refused("workers = 1.5\n", ":1: workers = 1.5: must be a whole number from 0 to 64");
	refused("workers = 99999999999999999999\n",
	        ":1: workers = 99999999999999999999: must be a whole number from 0 to 64");
	refused("session_idle_minutes = 0\n",
	        ":1: session_idle_minutes = 0: must be a whole number from 1 to 1440");
	refused("log_level = loud\n", ":1: log_level = loud: must be debug, info, warn or error");
	refused("listen = 8080\n", ":1: listen = 8080: must be ADDRESS:PORT or [IPv6]:PORT, port 0 to 65535");
	refused("workers = 1\nworkers = 1\n", ":2: workers: given twice; give it once, or as a file");
	refused("workers\n", ":1: a line must be \"key = value\", or a comment after #");
	refused("= 4\n", ":1: a line must be \"key = value\", or a comment after #");
	refused("[server]\n", ":1: a line must be \"key = value\", or a comment after #");
	refused("data_dir = a\x01\n", ":1: data_dir = a?: must be text of UTF-8 without control characters");
	refused("data_dir = a\xff\n", ":1: data_dir = a?: must be text of UTF-8 without control characters");
	refused("data\x1b_dir = a\n", ":1: a line must be \"key = value\", or a comment after #");
}

static void
environment_errors(void **state)
{
	static const struct {
		const char *name, *value, *message;
	} cases[] = {
		{ "PLANTAO_WORKERS", "x", "PLANTAO_WORKERS = x: must be a whole number from 0 to 64" },
		{ "PLANTAO_WORKER", "1",
		        "PLANTAO_WORKER: unknown key, did you mean workers?; \"plantao conf\" lists the "
		        "keys" },
		{ "PLANTAO_", "1", "PLANTAO_: unknown key; \"plantao conf\" lists the keys" },
		{ "PLANTAO_PORT", "tcp://10.0.0.1:80",
		        "PLANTAO_PORT: unknown key; \"plantao conf\" lists the keys" },
		{ "PLANTAO_SERVICE_HOST", "10.0.0.1",
		        "PLANTAO_SERVICE_HOST: unknown key; \"plantao conf\" lists the keys" },
		{ "PLANTAO_DATA_DIR", "a\nb",
		        "PLANTAO_DATA_DIR = a?b: must be text of UTF-8 without control characters" },
		{ "PLANTAO_LISTEN_FILE", "/etc/hostname",
		        "PLANTAO_LISTEN_FILE: unknown key; \"plantao conf\" lists the keys" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		clear(state);
		setenv(cases[i].name, cases[i].value, 1);
		assert_false(conf_load(NULL, &conf, why));
		assert_string_equal(why, cases[i].message);
	}
	/* Names as long as they come stay within why. */
	char name[500] = "PLANTAO_", value[500];
	memset(name + 8, 'X', 400);
	memset(value, 'v', 499);
	value[499] = 0;
	clear(state);
	setenv(name, value, 1);
	assert_false(conf_load(NULL, &conf, why));
	assert_true(strlen(why) < sizeof why);
	clear(state);
	setenv("PLANTAO_LISTEN", value, 1);
	assert_false(conf_load(NULL, &conf, why));
	assert_non_null(strstr(why, "...: must be ADDRESS:PORT"));
}

static void
kubernetes_services(void **state)
{
	(void)state;
	setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
	setenv("PLANTAO_SERVICE_HOST", "10.0.0.2", 1);
	setenv("PLANTAO_SERVICE_PORT_HTTP", "80", 1);
	setenv("PLANTAO_PORT", "tcp://10.0.0.2:80", 1);
	setenv("PLANTAO_PORT_80_TCP_ADDR", "10.0.0.2", 1);
	assert_true(conf_load(NULL, &conf, why));
	setenv("PLANTAO_PORTX", "1", 1);
	assert_false(conf_load(NULL, &conf, why));
}

static void
secrets(void **state)
{
	(void)state;
	refused("database_url = mysql://u:hunter2@h/x\n",
	        ":1: database_url = (secret): must be empty, sqlite:PATH or postgresql://...");

	write_to(secret, "postgresql://u:hunter2@h/x\n", 27);
	setenv("PLANTAO_DATABASE_URL_FILE", secret, 1);
	assert_true(conf_load(NULL, &conf, why));
	assert_string_equal(conf.database_url, "postgresql://u:hunter2@h/x");
	assert_int_equal(conf.origin[CONF_database_url], CONF_FROM_ENV);

	write_to(secret, "mysql:hunter2", 13);
	assert_false(conf_load(NULL, &conf, why));
	assert_string_equal(
	        why, "PLANTAO_DATABASE_URL_FILE = (secret): must be empty, sqlite:PATH or postgresql://...");
	write_to(secret, "sqlite:\0x", 9);
	assert_false(conf_load(NULL, &conf, why));

	setenv("PLANTAO_DATABASE_URL", "sqlite:a", 1);
	write_to(secret, "sqlite:b\r\n", 10);
	assert_false(conf_load(NULL, &conf, why));
	assert_non_null(strstr(why, ": given twice; give it once, or as a file"));
	unsetenv("PLANTAO_DATABASE_URL");
	assert_true(conf_load(NULL, &conf, why));
	assert_string_equal(conf.database_url, "sqlite:b");
	unlink(secret);
	assert_false(conf_load(NULL, &conf, why));
	assert_non_null(strstr(why, "No such file"));
}

static void
secret_named_in_file(void **state)
{
	char text[200];

	(void)state;
	write_to(secret, "sqlite:s", 8);
	snprintf(text, sizeof text, "database_url_file = %s\n", secret);
	assert_true(load(text));
	assert_string_equal(conf.database_url, "sqlite:s");
	assert_int_equal(conf.origin[CONF_database_url], CONF_FROM_FILE);
}

static void
keys_together(void **state)
{
	(void)state;
	assert_false(load("tls_cert_file = a.pem\n"));
	assert_string_equal(why, "tls_cert_file = a.pem, tls_key_file = : must be both set or both empty");
	assert_true(load("tls_cert_file = a.pem\ntls_key_file = a.key\n"));
}

static void
unreadable_files(void **state)
{
	(void)state;
	assert_false(conf_load("/nonexistent/plantao.conf", &conf, why));
	assert_string_equal(why, "/nonexistent/plantao.conf: cannot open: No such file or directory");
	assert_false(conf_load("/", &conf, why));
	assert_string_equal(why, "/: cannot read: Is a directory");
	assert_false(conf_load("/dev/zero", &conf, why));
	assert_string_equal(why, "/dev/zero: larger than 262144 bytes");
}

static void
failure_leaves_conf_alone(void **state)
{
	(void)state;
	memset(&conf, 0x5a, sizeof conf);
	struct conf before = conf;
	assert_false(load("workers = 3\nworkers = 4\n"));
	assert_memory_equal(&before, &conf, sizeof conf);
}

static void
checks(void **state)
{
	static const struct {
		conf_check_fn *fn;
		const char *good[6], *bad[9];
	} cases[] = {
		{ conf_check_address_port,
		        { "127.0.0.1:8080", "[::1]:0", "[2001:db8::1]:65535", "localhost:1" },
		        { "", ":", "a:", ":80", "::1:80", "[::1:80", "[g::]:80", "h:65536" } },
		{ conf_check_addresses, { "", "10.0.0.1", "10.0.0.1, ::1", "10.0.0.0/8,2001:db8::/32" },
		        { ",", "10.0.0.1,", "10.0.0", "x", ",::1", "10.0.0.1,,::1", "10.0.0.0/33",
		                "::/129" } },
		{ conf_check_origin, { "", "https://prontuario.example", "http://localhost:8080" },
		        { "https://", "prontuario.example", "https://a/", "https://a b", "ftp://a",
		                "https://u@a" } },
		{ conf_check_database, { "", "sqlite:x", "postgresql://h/d", "postgres://h/d" },
		        { "sqlite:", "x", "mysql://x", "/path" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t k = 0; k < COUNT(cases[i].good) && cases[i].good[k]; k++)
			assert_true(cases[i].fn(cases[i].good[k]));
		for (size_t k = 0; k < COUNT(cases[i].bad) && cases[i].bad[k]; k++)
			assert_false(cases[i].fn(cases[i].bad[k]));
	}
	assert_int_equal(conf_edit_distance("kitten", "sitting"), 3);
	assert_int_equal(conf_edit_distance("", "abc"), 3);
	assert_int_equal(conf_edit_distance("same", "same"), 0);
}

/* What conf_print writes to stdout. */
static const char *
printed(bool json)
{
	static char text[65536];
	struct capture c = capture_start(1);

	conf_print(&conf, json);
	capture_end(&c, text, sizeof text);
	return text;
}

static void
printing(void **state)
{
	(void)state;
	setenv("PLANTAO_DATA_DIR", "a \"b\" ç", 1);
	assert_true(load("workers = 3\ndatabase_url = postgresql://u:hunter2@h/x\n"));
	json_t *j = json_loads(printed(true), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	json_t *keys = json_object_get(j, "keys");
	assert_int_equal(json_object_size(keys), CONF__MAX);
	assert_string_equal(
	        json_string_value(json_object_get(json_object_get(keys, "database_url"), "value")), "(set)");
	assert_int_equal(json_integer_value(json_object_get(json_object_get(keys, "workers"), "value")), 3);
	assert_string_equal(
	        json_string_value(json_object_get(json_object_get(keys, "data_dir"), "value")), "a \"b\" ç");
	assert_string_equal(json_string_value(json_object_get(json_object_get(keys, "data_dir"), "origin")),
	        "environment");
	assert_string_equal(json_string_value(json_object_get(j, "file")), file);
	json_decref(j);

	const char *lines = printed(false);
	assert_null(strstr(lines, "hunter2"));
	assert_non_null(strstr(lines, "\nworkers = 3 "));
	assert_non_null(strstr(lines, "(file)\n"));
	assert_non_null(strstr(lines, "database_url = (set) "));
}

static int
make_dir(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(file, sizeof file, "%s/plantao.conf", dir);
	snprintf(secret, sizeof secret, "%s/secret", dir);
	return 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	unlink(file);
	unlink(secret);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(defaults, clear),
		cmocka_unit_test_setup(file_and_environment, clear),
		cmocka_unit_test_setup(wrong_lines, clear),
		cmocka_unit_test_setup(environment_errors, clear),
		cmocka_unit_test_setup(kubernetes_services, clear),
		cmocka_unit_test_setup(secrets, clear),
		cmocka_unit_test_setup(secret_named_in_file, clear),
		cmocka_unit_test_setup(keys_together, clear),
		cmocka_unit_test_setup(unreadable_files, clear),
		cmocka_unit_test_setup(failure_leaves_conf_alone, clear),
		cmocka_unit_test_setup(checks, clear),
		cmocka_unit_test_setup(printing, clear),
	};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
