/* assistant.c - one question to one answer: mask, scope, dose, passages, in this order. */
#include "features/assistant/assistant.h"

#include "base/buf.h"
#include "features/assistant/dose.h"
#include "features/assistant/fallback.h"
#include "features/assistant/knowledge.h"
#include "features/assistant/mask.h"
#include "features/assistant/scope.h"
#include "store/words.h"

enum { STATEMENTS_MAX = 3, ANSWER_ROOM = 32 << 10 };
/* One word alone, among others that the passage does not have, is no question about it. */
static const double COVERAGE_MIN = 0.5, COVERAGE_ALONE = 0.99, SCORE_MIN = 3.0, RUNNER_UP = 0.96;

#define GUARD                                                                                                        \
	"Apoio à informação, não é prescrição nem diagnóstico: a decisão é do profissional de saúde que " \
	"acompanha."

static const struct field citation_fields[] = {
	FIELD(citation, document, .sens = SENS_PLAIN),
	FIELD(citation, section, .sens = SENS_PLAIN),
	FIELD(citation, page, .sens = SENS_PLAIN, .nullable_only = true),
};
static const struct type citation_type = TYPE(citation, citation_fields);

static const struct field statement_fields[] = {
	FIELD(statement, passage, .sens = SENS_PLAIN, .summary = "Its id, or calc:NAME of the calculator"),
	FIELD(statement, text, .sens = SENS_PLAIN),
	FIELD(statement, citations, .sens = SENS_PLAIN, .of = &citation_type),
};
static const struct type statement_type = TYPE(statement, statement_fields);

static const struct field answer_fields[] = {
	FIELD(assistant_answer, persona, .sens = SENS_PLAIN, .summary = "dr_gasnelio or ga"),
	/* Plain: it goes back to the one who wrote it, whatever the role. */
	FIELD(assistant_answer, question, .sens = SENS_PLAIN,
	        .summary = "As it was used: identifying data masked"),
	FIELD(assistant_answer, answer, .sens = SENS_PLAIN, .summary = "The whole text, pt-BR"),
	FIELD(assistant_answer, statements, .sens = SENS_PLAIN, .of = &statement_type),
	FIELD(assistant_answer, refused, .sens = SENS_PLAIN),
	FIELD(assistant_answer, reason, .sens = SENS_PLAIN, .nullable_only = true,
	        .summary = "Why it was refused, e.g. DIAGNOSIS or WEIGHT"),
	FIELD(assistant_answer, deterministic, .sens = SENS_PLAIN, .summary = "No model worded it"),
	FIELD(assistant_answer, fallback, .sens = SENS_PLAIN, .nullable_only = true,
	        .summary = "Why a configured model did not word it, e.g. MODEL_TIMEOUT or CHECK_NUMBER"),
	FIELD(assistant_answer, sent, .sens = SENS_PLAIN, .nullable_only = true,
	        .summary = "All that a configured model is told of this question, beside fixed instructions"),
	FIELD(assistant_answer, guard, .sens = SENS_PLAIN, .summary = "What the answer is not"),
};
const struct type assistant_answer_type = TYPE(assistant_answer, answer_fields);

static const char *const persona_names[] = { "", "dr_gasnelio", "ga" };

enum persona
persona_of(struct str name)
{
	for (int p = PERSONA_UNSET + 1; p < PERSONA__MAX; p++)
		if (str_is(name, persona_names[p]))
			return (enum persona)p;
	return PERSONA_UNSET;
}

/* ---- statements */

static enum err
passage_statement(struct ctx *ctx, const struct passage *p, bool plain, struct statement *out)
{
	struct citation *c = NEW(ctx, struct citation);
	*c = (struct citation){ str_of(p->document), str_of(p->section), str_of(p->page) };
	*out = (struct statement){ str_of(p->id), str_of(plain ? p->plain : p->technical), { c, 1 } };
	return OK;
}

static enum err
add_passages(struct ctx *ctx, const struct list *words, bool plain, struct assistant_answer *out)
{
	struct hit hits[STATEMENTS_MAX];
	size_t found, kept = 0;
	TRY(knowledge_search(ctx, words, hits, STATEMENTS_MAX, &found));
	if (found == 0 || hits[0].coverage < COVERAGE_MIN || hits[0].score < SCORE_MIN ||
	        (hits[0].words < 2 && hits[0].coverage < COVERAGE_ALONE))
		return OK;
	struct statement *items = NEW_ARRAY(ctx, struct statement, found);
	if (!items)
		return fail(ctx, ERR_TOO_LARGE, "no room for statements");
	for (size_t i = 0; i < found; i++)
		if (hits[i].score >= RUNNER_UP * hits[0].score && hits[i].coverage >= COVERAGE_MIN)
			TRY(passage_statement(ctx, hits[i].passage, plain, &items[kept++]));
	out->statements = (struct list){ items, kept };
	return OK;
}

/* ---- the whole text */

static void
say_statement(struct buf *b, const struct statement *s)
{
	const struct citation *c = s->citations.items;
	buf_str(b, s->text);
	for (size_t i = 0; i < s->citations.count; i++) {
		buf_printf(b, "%s%.*s, %.*s", i == 0 ? " [" : "; ", STR_FMT(c[i].document),
		        STR_FMT(c[i].section));
		if (str_is_set(c[i].page))
			buf_printf(b, ", p. %.*s", STR_FMT(c[i].page));
	}
	buf_text(b, s->citations.count > 0 ? "]\n" : "\n");
}

static void
say_opening(struct buf *b, const struct assistant_answer *a, bool plain)
{
	if (a->refused)
		buf_printf(b, "%s\n", refusal_text(refusal_of(a->reason), plain));
	else if (plain)
		buf_text(b, "Oi, aqui é a Gá! Veja o que diz o protocolo:\n");
}

enum err
assistant_say(struct ctx *ctx, struct assistant_answer *a)
{
	const struct statement *s = a->statements.items;
	struct buf b;
	buf_init(&b, ANSWER_ROOM);
	say_opening(&b, a, persona_of(a->persona) == PERSONA_GA);
	for (size_t i = 0; i < a->statements.count; i++)
		say_statement(&b, &s[i]);
	if (str_is_set(a->fallback))
		buf_printf(&b, "Texto da própria base, sem modelo de linguagem: %s.\n",
		        fallback_text(fallback_of(a->fallback)));
	buf_text(&b, GUARD);
	a->answer = buf_failed(&b) ? (struct str){ 0 } : arena_str(ctx->arena, buf_view(&b));
	buf_free(&b);
	return str_is_set(a->answer) ? OK : fail(ctx, ERR_TOO_LARGE, "no room for an answer");
}

/* ---- one question */

static enum err
add_dose(struct ctx *ctx, const struct dose_answer *dose, struct assistant_answer *out)
{
	struct statement *s = NEW(ctx, struct statement);
	*s = dose->statement;
	if (str_is_set(s->text))
		out->statements = (struct list){ s, 1 };
	return OK;
}

static enum refusal
person_refusal(const struct list *words, bool named)
{
	bool treats = words_have(
	        words, "dose*|dosagem|receit*|prescr*|tom*|trat*|posologia|calcul*|kg|quilos");
	return named && treats ? REFUSAL_NAMED_PERSON : REFUSAL_NONE;
}

static enum err
answer_words(struct ctx *ctx, const struct list *words, bool plain, bool named, enum refusal *refusal,
        struct assistant_answer *out)
{
	struct dose_answer dose;
	*refusal = scope_of(words);
	if (*refusal == REFUSAL_NONE)
		*refusal = person_refusal(words, named);
	if (*refusal != REFUSAL_NONE)
		return OK;
	TRY(dose_answer(ctx, out->question, words, plain, &dose));
	*refusal = dose.refusal;
	if (dose.asked)
		return add_dose(ctx, &dose, out);
	TRY(add_passages(ctx, words, plain, out));
	if (out->statements.count == 0)
		*refusal = REFUSAL_NOT_FOUND;
	return OK;
}

enum err
assistant_ask(struct ctx *ctx, enum persona persona, struct str question, struct assistant_answer *out)
{
	struct list words;
	enum refusal refusal;
	bool named, plain = persona == PERSONA_GA;
	assert(persona > PERSONA_UNSET && persona < PERSONA__MAX);
	*out = (struct assistant_answer){
		.persona = str_of(persona_names[persona]), .deterministic = true, .guard = STR(GUARD)
	};
	out->question = mask_question(ctx->arena, question, &named);
	if (!str_is_set(out->question))
		return fail(ctx, ERR_TOO_LARGE, "no room for a question");
	TRY(text_words(ctx, out->question, &words));
	TRY(answer_words(ctx, &words, plain, named, &refusal, out));
	out->refused = refusal != REFUSAL_NONE;
	if (out->refused)
		out->reason = str_of(refusal_code(refusal));
	return assistant_say(ctx, out);
}
