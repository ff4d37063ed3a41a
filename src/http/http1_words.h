/* http1_words.h - between the files of the HTTP/1.1 reader alone: classes of
 * bytes, lines, words; the states it goes through. */
#ifndef HTTP_HTTP1_WORDS_H
#define HTTP_HTTP1_WORDS_H

#include "http/http1.h"

/* In this order; the last four only of a chunked body. */
enum http1_state {
	STATE_REQUEST_LINE,
	STATE_FIELDS,
	STATE_HEAD_DONE,
	STATE_SIZE,
	STATE_DATA,
	STATE_DATA_END,
	STATE_TRAILER,
	STATE_END
};

enum http1_class { TOKEN = 1, TARGET = 2, VALUE = 4, HOST = 8, DIGIT = 16, HEX = 32 };
extern const unsigned char http1_classes[256];
/* Whether every byte is of the class. */
bool http1_all_of(struct str, unsigned char class);
/* Without blanks at either end. */
struct str http1_trim(struct str);
enum http1_step http1_refuse(struct http1 *, enum err, const char *detail);
/* The line in front of an LF; p is NULL when no CR stands before the LF. */
struct str http1_line_before(const char *from, const char *lf);
/* HTTP1_MORE: name and value are set.  line is not empty. */
enum http1_step http1_split_field(struct http1 *, struct str line, struct str *name, struct str *value);
/* A field that frames or identifies the request: it has no business in a trailer. */
bool http1_is_known_field(struct str name);

#endif
