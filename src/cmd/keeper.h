/* keeper.h - the one process outside the walls.  A confined server cannot start a program
 * or open a key file, yet a restart without a dropped request does the one and a rotated
 * master key or a renewed Vault token needs the other.  A child forked before any key was read
 * does just these, with a program and paths that it knew from the start; it holds no secret, listens to
 * nobody else, and ends with the server. */
#ifndef CMD_KEEPER_H
#define CMD_KEEPER_H

#include "sys/conf.h"

/* Before any thread and any key. */
enum err keeper_start(const struct conf *, char *why) MUST_CHECK;
/* A successor with this listening socket, told where to say its word. false: it did not start, errno. */
bool keeper_spawn(int listen_fd, int word_fd, int *error) MUST_CHECK;
/* The successor that was started last is ended, and waited for. */
void keeper_kill(void);
/* Key files are opened by the keeper from now on: the master key's and Vault's token alone. */
void keeper_opens_keys(void);
void keeper_stop(void);

#endif
