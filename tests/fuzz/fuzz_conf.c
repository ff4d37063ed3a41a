/* fuzz_conf.c - any bytes as a configuration file, and what stands behind a byte 0 as
 * lines of the environment.
 *
 * What must hold: no crash; a refusal is one line of text that says where; numbers stay in
 * their rows, texts are clean UTF-8, and each value says where it came from.
 *
 * The source itself is included for the chain of kept values: a server reads its
 * configuration once and keeps it, this reads millions. */
#include "fuzz.h"

#include "sys/conf.c"

static int file = -1;

static void
forget(void)
{
	while (kept != NULL) {
		struct kept *next = kept->next;
		free(kept);
		kept = next;
	}
}

static void
refused(const char *why, struct str text)
{
	size_t n = strnlen(why, CONF_WHY);

	MUST(n > 0 && n < CONF_WHY);
	for (size_t i = 0; i < n; i++)
		MUST((unsigned char)why[i] >= ' ' && why[i] != 0x7f);
	MUST(text.n > 0);
}

static void
loaded(const struct conf *c)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		const void *at = (const char *)c + rows[i].offset;

		MUST(c->origin[i] <= CONF_FROM_ENV);
		if (rows[i].type == INT)
			MUST(*(const int64_t *)at >= rows[i].min && *(const int64_t *)at <= rows[i].max);
		else if (rows[i].type != BOOL)
			MUST(clean_text(str_of(*(const char *const *)at)));
	}
}

/* Lines into an array as the kernel gives it; each is cut off in place. */
static char **
environment(char *text, char **names, size_t room)
{
	size_t n = 0;

	for (char *line = text; line && *line && n + 1 < room;) {
		char *end = strchr(line, '\n');
		names[n++] = line;
		if (end != NULL)
			*end++ = 0;
		line = end;
	}
	names[n] = NULL;
	return names;
}

/* A secret may be named by a file: not by any file of the machine that runs this. */
static bool
names_a_file(const char *text)
{
	return strcasestr(text, "_file") != NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1), *names[64], **before = environ, path[64], why[CONF_WHY] = "";
	struct conf c;

	MUST(text != NULL);
	memcpy(text, data, n);
	text[n] = 0;
	size_t file_n = strlen(text);
	char *env = file_n < n ? text + file_n + 1 : text + n;
	if (file < 0)
		file = fuzz_file();
	fuzz_fill(file, text, file_n);
	fuzz_path(file, path);
	if (!names_a_file(text) && !names_a_file(env)) {
		environ = environment(env, names, COUNT(names));
		bool ok = conf_load(path, &c, why);
		environ = before;
		if (ok)
			loaded(&c);
		else
			refused(why, (struct str){ text, n });
	}
	forget();
	free(text);
	return 0;
}
