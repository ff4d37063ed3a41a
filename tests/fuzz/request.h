/* request.h - for the targets that need a request, or a store behind it. */
#ifndef TESTS_FUZZ_REQUEST_H
#define TESTS_FUZZ_REQUEST_H

#include "http/edge.h"
#include "http/req.h"

/* The request whose head is "METHOD TARGET HTTP/1.1", Host, and these fields, as the edge reads it;
 * false: the edge would have refused it.  One at a time: the next call ends the one before. */
bool request_read(struct req *, const char *method, struct str target, struct str fields) MUST_CHECK;

/* A migrated store of its own with one institution; the context stands in a reading
 * transaction that stays open.  Made once, and removed when the program ends. */
struct ctx *request_store(void);

#endif
