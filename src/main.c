/* main.c - the program; its commands are the rows of cmd/cmds.def. */
#include "cmd/cmd.h"

int
main(int argc, char **argv)
{
	return cmd_main(argc, argv);
}
