/* route.h - what a door declares.  Zero is never a valid answer to a security
 * question: a forgotten column stops the program before it listens. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "base/type.h"
#include "http/perms.h"

enum method { METHOD_UNSET = 0, GET, POST, PUT, DELETE, PATCH };

enum audit {
	AUDIT_UNSET = 0,
	AUDIT_NONE, /* only for what touches no person's data: health, documents, calculators */
#define AUDIT(name, ...) AUDIT_##name,
#include "http/audit.def"
#undef AUDIT
	AUDIT__MAX
};

/* For which purpose a door touches personal data: rows of activities.def, the record of
 * processing operations (LGPD art. 37). */
enum purpose {
	ACTIVITY_UNSET = 0,
	ACTIVITY_NONE, /* no person's data */
#define ACTIVITY(name, ...) ACTIVITY_##name,
#include "http/activities.def"
#undef ACTIVITY
	ACTIVITY__MAX
};

/* Which quota a call counts against. */
enum rate { RATE_UNSET = 0, RATE_NONE, RATE_READ, RATE_WRITE, RATE_LOGIN, RATE_ASK, RATE__MAX };

/* Who is served first, and refused last, when more comes than can be served: shed.def.
 * Unset in a row: as its shape says (route_shed). */
enum shed {
	SHED_UNSET = 0,
#define SHED(name, ...) SHED_##name,
#include "http/shed.def"
	SHED__MAX
};

/* FAST requests share a worker's transaction, and so do SEARCHes, which read much, in workers of
 * their own; SLOW ones (argon2, exports, imports) run alone in a pool of their own. So none holds
 * up a batch of a quicker kind. OPEN ones never touch the store, and are answered while all others
 * wait for it. Unset in a row: a list with words to find (?q=) is a search, all else is fast. */
enum lane { LANE_UNSET = 0, LANE_FAST, LANE_SEARCH, LANE_SLOW, LANE_OPEN, LANE__MAX };

struct req;
/* Rules and SQL only: the spine has identified, authorised, parsed and begun;
 * it will audit, commit, mask and encode. */
typedef enum err handler_fn(struct req *);
/* What a reading may still do when its audit entry is on disk: wait for somebody outside, in no
 * transaction and on a thread of its own, and reply anew.  It cannot fail: the answer stands already.
 * may_wait is false when no such thread is free; then it decides at once.  ctx is without a store. */
typedef void later_fn(struct req *, bool may_wait);

struct route {
	enum method method;
	const char *path;    /* "/api/patients/{id}": {id}-like parts are ids, {name:text} are text */
	handler_fn *handler; /* in a write transaction for every method but GET, else reading */
	/* Unsafe methods only, may be NULL: reads and long computing (argon2) before
	 * the writer's turn, in a read transaction; passes on through req_keep. */
	handler_fn *prepare;
	enum perm perm;
	enum audit audit;
	enum rate rate;
	enum lane lane;
	enum shed shed;
	enum signin signin; /* SIGNIN_UNSET: as the permission says, or any session for a GET */
	bool reads;         /* a POST that only computes or asks: runs like a GET */
	bool aged;  /* of a reading: its answer may be standby_max_age_ms old, so it may run on a standby
	             * (aged.h).  Reports; never a chart, a list that care or a writing relies on, or who may
	             * do what */
	bool apart; /* it writes new rows of its own and changes no other: may run beside its like */
	int status; /* of success; 0: 200, or 204 without out */
	const struct type *query; /* NULL: no query parameters are allowed */
	const struct type *in;    /* NULL: no body is allowed */
	const struct type *out;   /* NULL: no body, or .produces */
	const char *produces;     /* a media type when the handler gives bytes (req_bytes) */
	const enum err *errors;   /* what else it answers, beside the spine's own */
	const char *summary;      /* English, one line */
	const char *tag;          /* group in the documents: "Patients" */
	enum purpose activity;    /* ACTIVITY_UNSET: that of the tag's row */
};
#define ERRORS(...)                                                                                          \
	(const enum err[]) { __VA_ARGS__, OK }

/* ---- what a handler may ask and say */
struct ctx *req_ctx(struct req *);
struct id req_id(struct req *, const char *name);      /* a {name} part of the path */
struct str req_text(struct req *, const char *name);   /* a {name:text} part */
const void *req_body(struct req *);                    /* of route.in's type */
const void *req_query(struct req *);                   /* of route.query's type */
struct str req_header(struct req *, const char *name); /* absent when not sent */
/* The answer's object, of route.out's type; lives in the arena. */
enum err req_reply(struct req *, const void *obj) MUST_CHECK;
/* For routes with .produces; bytes in the arena. filename may be NULL. */
enum err req_bytes(struct req *, struct str bytes, const char *filename) MUST_CHECK;
/* For routes that produce EVENT_STREAM: one more event of the answer (Server-Sent Events), its data an
 * object of type t.  From a later_fn that may wait it leaves at once.  ERR_TOO_LARGE; ERR_BUSY: the
 * client is not there any more. */
#define EVENT_STREAM "text/event-stream"
enum err req_event(struct req *, const char *name, const struct type *t, const void *obj) MUST_CHECK;
/* Readings only, from the handler. */
void req_later(struct req *, later_fn *);
uint64_t req_arrived_ns(struct req *);     /* monotonic */
void req_status(struct req *, int status); /* instead of route.status */
void req_location(struct req *, const char *path_in_arena);
/* ETag of the answer. A GET whose If-None-Match names it becomes 304 by itself. */
void req_version(struct req *, int64_t version);
/* The version the client holds: body's `version` (0: absent) against If-Match.
 * Neither: ERR_PRECONDITION; both and different: ERR_VERSION_CONFLICT. */
enum err req_held_version(struct req *, int64_t body_version, int64_t *out) MUST_CHECK;
/* Extra members of a problem answer, e.g. currentVersion with ERR_STALE. */
void req_problem_int(struct req *, const char *name, int64_t v);
/* With ERR_STATE: where the thing stands and what may be done there (ends with NULL; static or in the arena).
 */
void req_problem_state(struct req *, const char *state, const char *const *allowed);
/* What the audit entry is about; before and after are of t and get sealed with
 * the patient's key.  Call before replying; either may be NULL. */
void req_subject(struct req *, struct id subject, struct id patient);
void req_change(struct req *, const struct type *t, const void *before, const void *after);
void req_reason(struct req *, struct str reason);
void req_set_cookie(struct req *, const char *value_in_arena);
/* Ids shown by a list, for the audit entry's extra; at most AUDIT_IDS_MAX are kept. */
void req_shown(struct req *, struct id);
/* The transaction commits and is audited, and the answer is this error all the
 * same: a wrong password counts its failure. Returns OK. */
enum err req_refuse(struct req *, enum err);
/* Seconds for Retry-After of a refusal. */
void req_retry_after(struct req *, int seconds);
/* From prepare to handler. */
void req_keep(struct req *, void *in_arena);
void *req_kept(struct req *);
struct str req_address(struct req *);
struct id req_session(struct req *);
/* Who acted, when the handler finds it out itself (sign-in). */
void req_actor(struct req *, struct id tenant, struct id user, enum role);

/* All routes of the program: each feature's table, listed in http/routes.c. */
struct routes {
	const struct route *rows;
	size_t count;
};
extern const struct routes *const route_tables[]; /* ends with NULL */
/* It changes nothing: a GET, or a POST whose row says so. */
bool route_reads(const struct route *);
/* The row's class, or what its shape says: what answers a list is bulk, other readings
 * are reads, the rest writes.  NULL (no such path) is bulk. */
enum shed route_shed(const struct route *);
enum lane route_lane(const struct route *, struct str query);
const char *shed_name(enum shed); /* "bulk" */
/* Its own, or that of its permission. */
enum signin route_signin(const struct route *);
/* Its own, or that of its tag; ACTIVITY_UNSET when neither says. */
enum purpose route_activity(const struct route *);
const char *activity_name(enum purpose); /* "CARE"; "" for none */
/* NULL, or what is wrong with the first bad row. */
const char *routes_check(void);

#endif
