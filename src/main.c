/* main.c - the program; its commands are the rows of cmd/cmds.def. */
#include "cmd/cmd.h"
#include "cmd/handover.h"

int
main(int argc, char **argv)
{
	handover_init(argc, argv);
	return cmd_main(argc, argv);
}
