/* cmd.c - finds the subcommand, prepares what its row needs, runs it.  What all
 * commands share is here: help, --config, the exit codes. */
#include "cmd/cmd.h"

#include "sys/conf_check.h"
#include "sys/crypto.h"
#include "sys/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct cmd cmds[] = {
#define CMD(name, needs_conf, summary, help) { #name, cmd_##name, needs_conf, summary, help },
#include "cmd/cmds.def"
#undef CMD
};

/* A row's name is a C word; people type '-' where it has '_'. */
static const char *
shown(const char *name, char out[static 32])
{
	snprintf(out, 32, "%s", name);
	for (char *p = out; *p; p++)
		if (*p == '_')
			*p = '-';
	return out;
}

static const struct cmd *
find(const char *name)
{
	char text[32];

	for (size_t i = 0; i < COUNT(cmds); i++)
		if (strcmp(shown(cmds[i].name, text), name) == 0)
			return &cmds[i];
	return NULL;
}

static void
print_overview(FILE *to)
{
	char name[32];

	fputs("usage: plantao COMMAND [--config FILE] [options]\n\ncommands:\n", to);
	for (size_t i = 0; i < COUNT(cmds); i++)
		fprintf(to, "  %-13s %s\n", shown(cmds[i].name, name), cmds[i].summary);
	fputs("  help          print this, or the help of a command: plantao help COMMAND\n"
	      "\nexit status: 0 done, 1 failed, 2 called wrongly or wrong configuration\n",
	        to);
}

int
cmd_usage(const char *name, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "plantao %s: ", name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\ntry: plantao help %s\n", name);
	return EXIT_USAGE;
}

static int
unknown(const char *name)
{
	const char *near = NULL;
	size_t least = 3, steps;

	for (size_t i = 0; i < COUNT(cmds); i++)
		if ((steps = conf_edit_distance(name, cmds[i].name)) < least) {
			least = steps;
			near = cmds[i].name;
		}
	fprintf(stderr, "plantao: unknown command \"%.40s\"", name);
	if (near)
		fprintf(stderr, ", did you mean %s?", near);
	fputs("\n\n", stderr);
	print_overview(stderr);
	return EXIT_USAGE;
}

static int
help(const char *name)
{
	const struct cmd *c = name ? find(name) : NULL;

	if (name && c == NULL && strcmp(name, "help") != 0)
		return unknown(name);
	if (c)
		fputs(c->help, stdout);
	else
		print_overview(stdout);
	return EXIT_DONE;
}

/* Takes the argument at i, and n - 1 after it, out of argv. */
static void
drop(int *argc, char **argv, int i, int n)
{
	memmove(argv + i, argv + i + n, (size_t)(*argc - i - n + 1) * sizeof *argv);
	*argc -= n;
}

/* Takes --config FILE or --config=FILE out of argv; false: the file is missing. */
static bool
take_config(int *argc, char **argv, const char **file)
{
	for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0;) {
		bool joined = strncmp(argv[i], "--config=", 9) == 0;
		if (!joined && strcmp(argv[i], "--config") != 0) {
			i++;
			continue;
		}
		*file = joined ? argv[i] + 9 : argv[i + 1];
		if (*file == NULL || **file == 0)
			return false;
		drop(argc, argv, i, joined ? 1 : 2);
	}
	return true;
}

static bool
asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static void
log_start(const struct conf *c)
{
	static const char *const levels[] = { "debug", "info", "warn", "error" };
	enum log_level level = LOG_DEBUG;

	while (level < LOG_ERROR && strcmp(levels[level], c->log_level) != 0)
		level++;
	log_init(level, strcmp(c->log_format, "json") == 0);
}

static int
run(const struct cmd *c, const char *file, int argc, char **argv)
{
	static struct conf conf; /* as long as the process: threads may read it to the end */
	char why[300];

	if (asks_help(argc, argv)) {
		fputs(c->help, stdout);
		return EXIT_DONE;
	}
	if (!c->needs_conf)
		return c->run(NULL, argc, argv);
	if (!conf_load(file, &conf, why)) {
		fprintf(stderr, "plantao: %s\n", why);
		return EXIT_USAGE;
	}
	log_start(&conf);
	return c->run(&conf, argc, argv);
}

/* What was printed must have arrived: a full disk is no success. */
static int
finish(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fputs("plantao: cannot write the output\n", stderr);
	return code == EXIT_DONE ? EXIT_FAILED : code;
}

int
cmd_main(int argc, char **argv)
{
	const char *file = NULL;

	crypto_start();
	if (!take_config(&argc, argv, &file)) {
		fputs("plantao: --config needs a file\n", stderr);
		return EXIT_USAGE;
	}
	const char *name = argc > 1 ? argv[1] : NULL;
	if (name == NULL) {
		print_overview(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return finish(help(argc > 2 ? argv[2] : NULL));
	const struct cmd *c = find(strcmp(name, "--version") == 0 ? "version" : name);
	return c ? finish(run(c, file, argc - 1, argv + 1)) : unknown(name);
}
