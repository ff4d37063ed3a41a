/* assistant_http.c - the assistant's doors: an answer at once, or as a stream of events.  The
 * audit entry says that somebody asked, before a model hears of it; the question is kept nowhere. */
#include "features/assistant/wording.h"
#include "http/route.h"
#include "store/words.h"

enum { PARTS_MAX = 64 };

struct assistant_question {
	struct str persona, question;
};
static const char *const personas[] = { "dr_gasnelio", "ga", NULL };
static const struct field question_fields[] = {
	FIELD(assistant_question, persona, .sens = SENS_PLAIN, .one_of = personas,
	        .summary = "dr_gasnelio (technical) or ga (plain); absent: ga"),
	FIELD(assistant_question, question, .sens = SENS_CLINICAL, .required = true, .max = QUESTION_MAX,
	        .summary = "In Portuguese, without names or documents"),
};
static const struct type question_type = TYPE(assistant_question, question_fields);

/* Events of the stream beside `answer`: where it stands, and the answer's text piece by piece. */
struct stage {
	struct str stage;
};
static const struct field stage_fields[] = { FIELD(stage, stage, .sens = SENS_PLAIN) };
static const struct type stage_type = TYPE(stage, stage_fields);
struct part_of_answer {
	struct str text;
};
static const struct field part_fields[] = { FIELD(part_of_answer, text, .sens = SENS_PLAIN) };
static const struct type part_type = TYPE(part_of_answer, part_fields);

static handler_fn post_ask, post_stream;

#define ASKED                                                                                                \
	.perm = PERM_ASSISTANT, .audit = AUDIT_ASSISTANT_ASKED, .rate = RATE_ASK, .reads = true,             \
	.in = &question_type, .errors = ERRORS(ERR_PROTOCOL_UNAVAILABLE, ERR_CALCULATION, ERR_TOO_LARGE),    \
	.tag = "Assistant"

static const struct route rows[] = {
	{ POST, "/api/assistant/ask", post_ask, ASKED, .out = &assistant_answer_type,
	        .summary = "Ask about the hanseníase protocol: cited statements, or a refusal that says whom "
	                   "to ask" },
	{ POST, "/api/assistant/ask/stream", post_stream, ASKED, .produces = EVENT_STREAM,
	        .summary = "The same as Server-Sent Events: stage (retrieving, wording, checking), part "
	                   "(text of the "
	                   "checked answer), answer (as /api/assistant/ask)" },
};
const struct routes assistant_route_table = { rows, COUNT(rows) };

static enum err
answer_of(struct req *req, struct assistant_answer **out)
{
	struct ctx *ctx = req_ctx(req);
	const struct assistant_question *asked = req_body(req);
	enum persona persona = str_is_set(asked->persona) ? persona_of(asked->persona) : PERSONA_GA;
	*out = NEW(ctx, struct assistant_answer);
	TRY(assistant_ask(ctx, persona, asked->question, *out));
	req_keep(req, *out);
	return OK;
}

/* The answer that stands is as good as it gets when this fails: the errors are ours, not the asker's. */
static void
word(struct req *req, bool may_wait, wording_stage_fn *stage, struct assistant_answer *out)
{
	struct assistant_answer worded = *out;
	enum err err = may_wait ? wording_do(req_ctx(req), req_arrived_ns(req), stage, req, &worded)
	                        : wording_skip(req_ctx(req), FALLBACK_MODEL_BUSY, &worded);
	if (err == OK)
		*out = worded;
}

/* ---- at once */

static void
ask_later(struct req *req, bool may_wait)
{
	word(req, may_wait, NULL, req_kept(req));
}

static enum err
post_ask(struct req *req)
{
	struct assistant_answer *out;
	TRY(answer_of(req, &out));
	if (wording_wanted(req_ctx(req), out))
		req_later(req, ask_later);
	else
		wording_none();
	return req_reply(req, out);
}

/* ---- as a stream */

static void
say_stage(void *arg, const char *stage)
{
	struct stage s = { str_of(stage) };
	/* A client that is gone finds nobody to tell; the answer is checked and counted all the same. */
	(void)!req_event(arg, "stage", &stage_type, &s);
}

/* Line by line: no word leaves before the whole was checked. */
static enum err
say_answer(struct req *req, const struct assistant_answer *out)
{
	struct str left = out->answer;
	for (int i = 0; left.n > 0 && i < PARTS_MAX; i++) {
		const char *end = memchr(left.p, '\n', left.n);
		size_t n = end ? (size_t)(end - left.p) + 1 : left.n;
		struct part_of_answer part = { { left.p, n } };
		TRY(req_event(req, "part", &part_type, &part));
		left = (struct str){ left.p + n, left.n - n };
	}
	return req_event(req, "answer", &assistant_answer_type, out);
}

static void
stream_later(struct req *req, bool may_wait)
{
	struct assistant_answer *out = req_kept(req);
	word(req, may_wait, say_stage, out);
	(void)!say_answer(req, out);
}

static enum err
post_stream(struct req *req)
{
	struct assistant_answer *out;
	TRY(req_event(req, "stage", &stage_type, &(struct stage){ STR("retrieving") }));
	TRY(answer_of(req, &out));
	if (wording_wanted(req_ctx(req), out)) {
		req_later(req, stream_later);
		return OK;
	}
	wording_none();
	return say_answer(req, out);
}
