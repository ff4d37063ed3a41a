/* static.h - the web front end out of the binary, answered on the edge's thread:
 * no transaction, no queue. */
#ifndef HTTP_STATIC_H
#define HTTP_STATIC_H

#include "http/server.h"

/* Answers GET and HEAD of the front end's files, and its page for every path that
 * is neither a file nor a door. false: not ours, the exchange is still the caller's. */
bool static_serve(struct exchange *);

#endif
