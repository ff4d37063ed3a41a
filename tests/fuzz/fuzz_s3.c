/* fuzz_s3.c - any bytes as what a bucket answers to a listing, a page up to each byte 0.
 *
 * What must hold: no crash; a listing ends, whatever the bucket says; names that are told
 * are short and have no folder in them; half a listing is an error, not a short one.
 *
 * The source itself is included, with the wire replaced by the input. */
#include "fuzz.h"

#include "ops/target_s3.c"

enum { PAGES_ENOUGH = 5000 };

static struct str pages;
static unsigned asked;

enum err
s3_call(struct s3 *s, const struct s3_call *call, char *why)
{
	const char *end = pages.n ? memchr(pages.p, 0, pages.n) : NULL;
	struct str page = { pages.p, end ? (size_t)(end - pages.p) : pages.n };

	(void)s;
	(void)why;
	MUST(++asked <= PAGES_ENOUGH && strlen(call->query) < 4095);
	buf_str(call->answer, page);
	if (end != NULL) { /* the last page is answered again and again */
		pages.n -= page.n + 1;
		pages.p = end + 1;
	}
	return OK;
}

const char *
s3_prefix(const struct s3 *s)
{
	(void)s;
	return "a/";
}

static void
told(void *arg, const char *name, int64_t bytes)
{
	MUST(strlen(name) < KEY_ROOM && strchr(name, '/') == NULL && bytes >= -1);
	++*(size_t *)arg;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const folders[] = { "", "20261130T120000.123Z" };
	struct target_s3 bucket = { .s3 = NULL };

	for (size_t i = 0; i < COUNT(folders); i++) {
		char why[200] = "";
		size_t names = 0;
		pages = (struct str){ (const char *)data, n };
		asked = 0;
		enum err err = s3_list(&bucket.target, folders[i], told, &names, why);
		MUST(err == OK || why[0] != 0);
		MUST(err != OK || memmem(data, n, "</ListBucketResult>", 19));
	}
	return 0;
}
