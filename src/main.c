/* main.c - the command table: one row a subcommand, one short file each in cmd/. */
#include "cmd/cmd.h"

#include <stdio.h>

int
main(int argc, char **argv)
{
	return cmd_main(argc, argv);
}
