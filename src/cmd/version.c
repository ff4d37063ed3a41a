/* version.c - plantao version: what this program is. */
#include "cmd/cmd.h"

#include <stdio.h>

int
cmd_version(const struct conf *conf, int argc, char **argv)
{
	bool json = argc == 2 && strcmp(argv[1], "--json") == 0;

	(void)conf;
	if (argc > 1 && !json)
		return cmd_usage("version", "unknown argument \"%.40s\"", argv[1]);
	printf(json ? "{\"version\":\"%s\"}\n" : "plantao %s\n", PLANTAO_VERSION);
	return EXIT_DONE;
}
