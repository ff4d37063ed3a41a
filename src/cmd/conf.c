/* conf.c - plantao conf: what the configuration comes to. */
#include "cmd/cmd.h"

int
cmd_conf(const struct conf *conf, int argc, char **argv)
{
	bool json = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") != 0)
			return cmd_usage(argv[0], "unknown argument \"%.40s\"", argv[i]);
		json = true;
	}
	conf_print(conf, json);
	return EXIT_DONE;
}
