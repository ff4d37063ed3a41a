/* idem.h - Idempotency-Key: the same key, caller and request within 24 hours get
 * the first answer again and write nothing twice. */
#ifndef HTTP_IDEM_H
#define HTTP_IDEM_H

#include "http/req.h"

struct idem_answer {
	struct blob request_sha256;
	int64_t status;
	struct str headers;
	struct blob body;
};
extern const struct type idem_answer_type;

enum { IDEM_KEY_MAX = 128, IDEM_HOURS = 24 };

/* Reads the header; ERR_INVALID when it is longer than 128 or not printable. */
enum err idem_begin(struct req *) MUST_CHECK;
/* In a reading transaction: known says that there is a first answer, to this request or another. */
enum err idem_known(struct req *, bool *known) MUST_CHECK;
/* In the write transaction: found says that req->answer is the first one's. */
enum err idem_find(struct req *, bool *found) MUST_CHECK;
/* Keeps req->answer (made, not sent) for repeats. */
enum err idem_store(struct req *) MUST_CHECK;

#endif
