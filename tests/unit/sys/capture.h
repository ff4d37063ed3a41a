/* capture.h - what a test's own process writes to a descriptor, as text. */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include <stdio.h>
#include <unistd.h>

struct capture {
	int fd, saved, file;
};

static inline struct capture
capture_start(int fd)
{
	char name[] = "/tmp/test_capture.XXXXXX";
	struct capture c = { fd, dup(fd), mkstemp(name) };

	assert_true(c.saved >= 0 && c.file >= 0);
	unlink(name);
	fflush(NULL);
	dup2(c.file, fd);
	return c;
}

/* Fills text and ends it with a 0. */
static inline void
capture_end(struct capture *c, char *text, size_t room)
{
	fflush(NULL);
	dup2(c->saved, c->fd);
	ssize_t n = pread(c->file, text, room - 1, 0);
	assert_true(n >= 0);
	text[n] = 0;
	close(c->saved);
	close(c->file);
}

#endif
