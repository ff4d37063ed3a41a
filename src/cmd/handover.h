/* handover.h - a restart without a dropped request: SIGUSR2 starts the program anew from
 * the path it was started from; the new one gets the listening socket, says when it
 * serves, and only then does the old one drain. */
#ifndef CMD_HANDOVER_H
#define CMD_HANDOVER_H

#include <stdbool.h>
#include <sys/types.h>

/* Remembers how this process was started; before any thread. argv stays the caller's. */
void handover_init(int argc, char **argv);
/* The listening socket handed in by a predecessor or by systemd; -1: none. */
int handover_socket(void);
/* Are we the successor of a running server? */
bool handover_is_successor(void);
/* The successor says that it serves. */
void handover_ready(void);
/* Starts this program as it was started, with the socket and the pipe. 0 or an errno. The keeper's. */
int handover_spawn(int listen_fd, int word_fd, pid_t *);
/* Starts a successor and waits for its word, at most timeout_ms. false: it did not come up,
 * and this process goes on as before. */
bool handover_start(int listen_fd, int timeout_ms);

#endif
