/* passphrase.c - see passphrase.h. */
#include "cmd/passphrase.h"
#include "cmd/cmd.h"
#include "sys/crypto.h"
#include "sys/files.h"

#include <stdio.h>

int
passphrase_read(const char *name, const char *path, struct passphrase *out)
{
	char why[WHY_SIZE];
	size_t n = 0;

	*out = (struct passphrase){ .text = { NULL, 0 } };
	if (file_read_into(path, out->room, sizeof out->room, &n, why) != OK) {
		fprintf(stderr, "plantao %s: %s\n", name, why);
		return EXIT_FAILED;
	}
	while (n > 0 && (out->room[n - 1] == '\n' || out->room[n - 1] == '\r'))
		n--;
	out->text = (struct str){ out->room, n };
	if (n >= PASSPHRASE_MIN)
		return EXIT_DONE;
	fprintf(stderr, "plantao %s: a passphrase has at least %d characters\n", name, PASSPHRASE_MIN);
	return EXIT_FAILED;
}

void
passphrase_wipe(struct passphrase *p)
{
	wipe(p, sizeof *p);
}
