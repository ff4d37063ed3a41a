/* spine.h - what happens around every handler, once, in one order:
 * route, quota of the address, identify, permission, quota of the user, parse
 * and validate, handler, mask and encode, audit, commit, send.
 * batch.c calls the halves inside transactions that many requests share. */
#ifndef HTTP_SPINE_H
#define HTTP_SPINE_H

#include "http/req.h"
#include "sys/conf.h"

void spine_init(const struct conf *);
/* Before any transaction: request id, route, 404, 405, OPTIONS.  Leaves step
 * STEP_DONE when the answer is made already (also for routes without store). */
void spine_open(struct req *, struct exchange *, const struct route_match *);
/* In a reading transaction: everything of a GET, or an unsafe call up to its
 * prepare.  STEP_DONE or STEP_READY. An error of the store is left in req->err. */
void spine_read_half(struct req *);
/* In a writing transaction, for STEP_READY: handler, answer, idempotency. On an
 * error the caller undoes this request's share. ERR_REPLAY asks to run it again. */
enum err spine_write_half(struct req *) MUST_CHECK;
/* Makes the answer for req->err (again, when a commit failed). */
void spine_refuse(struct req *, enum err);
/* Headers, metrics; the answer leaves. */
void spine_send(struct req *);
/* For an answer that stands, is audited, and has a later_fn: runs that, then the answer leaves. */
void spine_later(struct req *, bool may_wait);
bool spine_needs_audit(const struct req *);
struct audit_note;
void spine_note(const struct req *, struct audit_note *);
/* For what never becomes a request: framing errors, a full queue, static files.
 * The id stays valid until this thread asks for the next. */
const char *spine_edge_request_id(struct exchange *);
void spine_edge_problem(void *arg, enum err, const char *detail, struct exchange *, struct answer *);
bool spine_stale_session(const struct req *); /* its "seen" is to be renewed */

#endif
