/* cmd.h - what a subcommand is.  A row in cmds.def states its needs, and cmd_main
 * prepares them; the command itself is one short file in this folder. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "sys/conf.h"

enum cmd_exit { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct cmd {
	const char *name;
	int (*run)(const struct conf *, int argc, char **argv); /* argv[0] is the command's name */
	bool needs_conf;     /* conf is loaded (--config FILE taken out of argv); else NULL */
	const char *summary; /* one line for `plantao help` */
	const char *help;    /* whole --help text with an example */
};

/* A new command: a row in cmds.def and the function in cmd/<name>.c. */
#define CMD(name, ...) int cmd_##name(const struct conf *, int argc, char **argv);
#include "cmd/cmds.def"
#undef CMD

/* plantao ha drill, in a file of its own. */
int cmd_ha_drill(int argc, char **argv);

int cmd_main(int argc, char **argv);

/* Prints "plantao NAME: message" and the way to help; returns EXIT_USAGE. */
int cmd_usage(const char *name, const char *fmt, ...) PRINTF(2, 3);

#endif
