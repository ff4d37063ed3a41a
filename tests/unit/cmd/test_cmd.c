/* test_cmd.c - help, options and exit codes that all commands share. */
#include "../cm.h"
#include "../sys/capture.h"
#include "cmd/cmd.h"

#include <fcntl.h>
#include <jansson.h>

static char out[65536], err[65536];

/* Runs `plantao ARGS...`; what it writes stands in out and err. */
static int
run(const char *const *args)
{
	char *argv[12] = { (char[]){ "plantao" } };
	int argc = 1;

	for (; *args; args++)
		argv[argc++] = (char *)*args;
	struct capture o = capture_start(1), e = capture_start(2);
	int code = cmd_main(argc, argv);
	capture_end(&e, err, sizeof err);
	capture_end(&o, out, sizeof out);
	return code;
}
#define RUN(...) run((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static void
helps(void **state)
{
	(void)state;
	assert_int_equal(RUN(), EXIT_USAGE);
	assert_string_equal(out, "");
	assert_non_null(strstr(err, "usage: plantao COMMAND"));
	assert_int_equal(RUN("help"), EXIT_DONE);
	assert_string_equal(err, "");
	assert_non_null(strstr(out, "\n  conf "));
	assert_non_null(strstr(out, "\n  version "));
	assert_int_equal(RUN("--help"), EXIT_DONE);
	assert_int_equal(RUN("help", "conf"), EXIT_DONE);
	assert_ptr_equal(strstr(out, "usage: plantao conf"), out);
	assert_int_equal(RUN("conf", "--config", "/nonexistent", "--help"), EXIT_DONE);
	assert_ptr_equal(strstr(out, "usage: plantao conf"), out);
	assert_int_equal(RUN("help", "nothing"), EXIT_USAGE);
}

static void
unknown_commands(void **state)
{
	(void)state;
	assert_int_equal(RUN("versoin"), EXIT_USAGE);
	assert_non_null(strstr(err, "unknown command \"versoin\", did you mean version?"));
	assert_int_equal(RUN("frobnicate"), EXIT_USAGE);
	assert_null(strstr(err, "did you mean"));
	assert_int_equal(RUN("--frobnicate"), EXIT_USAGE);
	assert_int_equal(RUN("conf", "--frob"), EXIT_USAGE);
	assert_string_equal(err, "plantao conf: unknown argument \"--frob\"\ntry: plantao help conf\n");
}

static void
version(void **state)
{
	(void)state;
	assert_int_equal(RUN("--version"), EXIT_DONE);
	assert_string_equal(out, "plantao " PLANTAO_VERSION "\n");
	assert_int_equal(RUN("version", "--json"), EXIT_DONE);
	assert_string_equal(out, "{\"version\":\"" PLANTAO_VERSION "\"}\n");
	assert_int_equal(RUN("version", "now"), EXIT_USAGE);
}

/* The value of a key in the JSON just written. */
static void
has_workers(int64_t want)
{
	json_t *j = json_loads(out, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(j);
	json_t *row = json_object_get(json_object_get(j, "keys"), "workers");
	assert_int_equal(json_integer_value(json_object_get(row, "value")), want);
	assert_string_equal(json_string_value(json_object_get(row, "origin")), "file");
	json_decref(j);
}

static void
configuration(void **state)
{
	char file[] = "/tmp/test_cmd.XXXXXX", joined[64];
	int fd = mkstemp(file);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "workers = 3\n", 12), 12);
	snprintf(joined, sizeof joined, "--config=%s", file);
	assert_int_equal(RUN("conf", "--config", file, "--json"), EXIT_DONE);
	has_workers(3);
	assert_int_equal(RUN("conf", joined, "--json"), EXIT_DONE);
	has_workers(3);
	assert_int_equal(RUN("--config", file, "conf", "--json"), EXIT_DONE);
	has_workers(3);
	assert_int_equal(write(fd, "workers = 3\n", 12), 12);
	assert_int_equal(RUN("conf", joined), EXIT_USAGE);
	assert_non_null(strstr(err, ":2: workers: given twice"));
	assert_string_equal(out, "");
	assert_int_equal(RUN("conf", "--config"), EXIT_USAGE);
	assert_string_equal(err, "plantao: --config needs a file\n");
	assert_int_equal(RUN("conf", "--config="), EXIT_USAGE);
	/* What stands behind -- is the command's own. */
	assert_int_equal(RUN("conf", "--", "--config", file), EXIT_USAGE);
	assert_non_null(strstr(err, "unknown argument"));
	close(fd);
	unlink(file);
}

static void
full_disk(void **state)
{
	int keep = dup(1), full = open("/dev/full", O_WRONLY);
	char *argv[] = { (char[]){ "plantao" }, (char[]){ "version" }, NULL };

	(void)state;
	assert_true(full >= 0);
	fflush(stdout);
	struct capture e = capture_start(2);
	dup2(full, 1);
	int code = cmd_main(2, argv);
	dup2(keep, 1);
	capture_end(&e, err, sizeof err);
	clearerr(stdout);
	close(keep);
	close(full);
	assert_int_equal(code, EXIT_FAILED);
	assert_string_equal(err, "plantao: cannot write the output\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(helps),
		cmocka_unit_test(unknown_commands),
		cmocka_unit_test(version),
		cmocka_unit_test(configuration),
		cmocka_unit_test(full_disk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
