/* fuzz.h - what every target needs: its entry, a check that cannot be compiled out and
 * says what was not so, and bytes as a file without a name. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define MUST(what)                                                                                           \
	do {                                                                                                 \
		if (!(what)) {                                                                               \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);                   \
			abort();                                                                             \
		}                                                                                            \
	} while (0)

/* A file that is only in memory; fuzz_path says how to open it by name. */
static inline int
fuzz_file(void)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	MUST(fd >= 0);
	return fd;
}

static inline void
fuzz_fill(int fd, const void *bytes, size_t n)
{
	MUST(ftruncate(fd, 0) == 0 && pwrite(fd, bytes, n, 0) == (ssize_t)n);
}

static inline void
fuzz_path(int fd, char out[static 64])
{
	snprintf(out, 64, "/proc/self/fd/%d", fd);
}

/* Of the input the text up to the next line end, which is taken off it; all of it when there is none. */
static inline struct str
fuzz_line(struct str *rest)
{
	const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
	struct str line = { rest->p, end ? (size_t)(end - rest->p) : rest->n };

	rest->p += line.n + (end != NULL);
	rest->n -= line.n + (end != NULL);
	return line;
}

#endif
