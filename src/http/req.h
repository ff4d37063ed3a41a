/* req.h - one request on its way through the spine.  Only spine files see this;
 * handlers use the accessors of route.h. */
#ifndef HTTP_REQ_H
#define HTTP_REQ_H

#include "http/router.h"
#include "http/server.h"
#include "store/db.h"
#include "sys/crypto.h"

enum { AUDIT_IDS_MAX = 100, REQUEST_ID = 36 };

/* Where the request stands; each step is one function of spine.c. */
enum step {
	STEP_NEW = 0,
	STEP_READY,    /* identified, permitted, within quota, parsed: the write half is to come */
	STEP_DONE,     /* the answer is made; it leaves after the commit */
	STEP_ANSWERED, /* sent */
};

struct problem_int {
	const char *name; /* NULL: none */
	int64_t v;
};

struct event {
	struct event *next;
	struct str bytes;
};

struct req {
	struct ctx ctx;
	struct exchange *x;
	struct route_match match;
	const struct route *route;
	enum step step;
	enum err err; /* what the answer says when it is not OK */
	char request_id[REQUEST_ID + 1];
	struct id session;
	bool by_cookie;
	struct instant session_seen, signed_in;
	const void *body, *query;
	void *kept;
	struct id ids[ROUTE_PARAMS_MAX];

	/* ---- the answer as the handler left it */
	const void *reply;
	struct str bytes;
	const char *filename;
	int status;
	const char *location, *cookie;
	int64_t version;
	int retry_after_s;
	struct problem_int problem_int;
	const char *problem_state, *const *problem_allowed;
	struct answer answer;
	bool replayed; /* an idempotent repeat: nothing ran */
	struct event *events, *events_last;
	later_fn *later;
	bool begun; /* the head of an event stream has left: events go after it */

	/* ---- what the audit entry says */
	struct id subject, patient;
	const struct type *change_type;
	const void *before, *after;
	struct str reason;
	struct id shown[AUDIT_IDS_MAX];
	unsigned shown_count;

	/* ---- idempotency */
	struct str idem_key;
	unsigned char idem_sha256[SHA256_SIZE];
	bool idem;
	bool unprepared; /* a repetition: the route's prepare did not run */

	/* ---- quotas, for the RateLimit headers */
	const char *rate_name;
	int64_t rate_quota, rate_left;
	int rate_reset_s;
};

#endif
