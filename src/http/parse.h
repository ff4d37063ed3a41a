/* parse.h - from the wire to the route's types: path, query, body. */
#ifndef HTTP_PARSE_H
#define HTTP_PARSE_H

#include "http/req.h"

enum err parse_path(struct req *) MUST_CHECK; /* ids and percent-decoded text */
enum err parse_query(struct req *) MUST_CHECK;
enum err parse_body(struct req *) MUST_CHECK;

#endif
