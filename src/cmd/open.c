/* open.c - plantao open: what an encrypted export holds, for whoever has its passphrase.  Needs nothing else:
 * no configuration, store or key of the installation. */
#include "cmd/cmd.h"
#include "cmd/passphrase.h"
#include "sys/age.h"
#include "sys/crypto.h"
#include "sys/files.h"

#include <getopt.h>
#include <stdio.h>

enum { FILE_MAX = 256 << 20 };

static int
say(const char *what)
{
	fprintf(stderr, "plantao open: %s\n", what);
	return EXIT_FAILED;
}

static const char *
why_not(enum err err)
{
	switch (err) {
	case ERR_CREDENTIALS: return "the passphrase is another one, or the file's header was changed";
	case ERR_MALFORMED:
		return "no file that a passphrase opens (age v1, scrypt), or it was cut or changed";
	default: return "not enough memory";
	}
}

static int
open_file(struct str passphrase, const char *path)
{
	struct buf sealed, plain;
	char why[WHY_SIZE];
	int exit = EXIT_DONE;
	enum err err;

	buf_init(&sealed, FILE_MAX);
	buf_init(&plain, FILE_MAX);
	if (file_read(path, FILE_MAX, &sealed, why) != OK)
		exit = say(why);
	else if ((err = age_open(passphrase, buf_view(&sealed), &plain)) != OK)
		exit = say(why_not(err));
	else if (fwrite(plain.p ? plain.p : "", 1, plain.n, stdout) != plain.n || fflush(stdout) != 0)
		exit = say("cannot write what it holds");
	if (plain.n > 0)
		wipe(plain.p, plain.n);
	buf_free(&plain);
	buf_free(&sealed);
	return exit;
}

int
cmd_open(const struct conf *conf, int argc, char **argv)
{
	static const struct option options[] = { { "passphrase-file", 1, 0, 'p' }, { 0 } };
	const char *file = NULL;
	struct passphrase passphrase;
	int c, exit;

	(void)conf;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (c == 'p')
			file = optarg;
		else
			return cmd_usage("open", "unknown option");
	if (optind + 1 != argc || file == NULL)
		return cmd_usage("open", "needs a file and --passphrase-file");
	exit = passphrase_read("open", file, &passphrase);
	if (exit == EXIT_DONE)
		exit = open_file(passphrase.text, argv[optind]);
	passphrase_wipe(&passphrase);
	return exit;
}
