/* assistant_http.c - the assistant's door.  The audit entry says that somebody asked;
 * the question itself is kept nowhere. */
#include "features/assistant/assistant.h"
#include "http/route.h"

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

static handler_fn post_ask;

static const struct route rows[] = {
	{ POST, "/api/assistant/ask", post_ask, .perm = PERM_ASSISTANT, .audit = AUDIT_ASSISTANT_ASKED,
	        .rate = RATE_READ, .reads = true, .in = &question_type, .out = &assistant_answer_type,
	        .errors = ERRORS(ERR_PROTOCOL_UNAVAILABLE, ERR_CALCULATION, ERR_TOO_LARGE),
	        .summary = "Ask about the hanseníase protocol: cited statements, or a refusal that says whom "
	                   "to ask",
	        .tag = "Assistant" },
};
const struct routes assistant_route_table = { rows, COUNT(rows) };

static enum err
post_ask(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	const struct assistant_question *asked = req_body(req);
	struct assistant_answer *out = NEW(ctx, struct assistant_answer);
	enum persona persona = str_is_set(asked->persona) ? persona_of(asked->persona) : PERSONA_GA;
	TRY(assistant_ask(ctx, persona, asked->question, out));
	return req_reply(req, out);
}
