/* passphrase.h - the passphrase of an encrypted export, from a file: an argument would stand in the list of
 * processes. */
#ifndef CMD_PASSPHRASE_H
#define CMD_PASSPHRASE_H

#include "sys/age.h"

struct passphrase {
	char room[4 * PASSPHRASE_MAX + 2];
	struct str text; /* into room, without the line's end */
};

/* The exit status; says what is wrong with it as `plantao NAME`. */
int passphrase_read(const char *name, const char *path, struct passphrase *out);
void passphrase_wipe(struct passphrase *);

#endif
