/* wording.c - see wording.h. */
#include "features/assistant/wording.h"

#include <stdio.h>

#include "base/buf.h"
#include "features/assistant/breaker.h"
#include "features/assistant/knowledge.h"
#include "features/assistant/model.h"
#include "store/words.h"
#include "sys/crypto.h"
#include "sys/log.h"
#include "sys/metrics.h"

enum { SOURCES_MAX = 8, WORDS_BYTES_MAX = 16 << 10, TEXT_BYTES_MAX = 16 << 10, LEAST_MS = 50 };
/* Labels of the count of answers: fallbacks first, then these. */
enum { BY_PROGRAM = FALLBACK__MAX, BY_MODEL, BY__MAX };

static struct {
	struct model model;
	int budget_ms;
	unsigned threads;
	struct breaker breaker;
} w = { .model = { "", "", "" }, .breaker = { .lock = PTHREAD_MUTEX_INITIALIZER } };

enum err
wording_init(const struct conf *c, char *why)
{
	static const char *names[BY__MAX] = { [BY_PROGRAM] = "program", [BY_MODEL] = "model" };

	for (enum fallback f = FALLBACK_NONE + 1; f < FALLBACK__MAX; f++)
		names[f] = fallback_code(f);
	names[FALLBACK_NONE] = "none";
	metric_labels(M_ASSISTANT_ANSWERS, names, BY__MAX);
	metric_set(M_ASSISTANT_PERSONA_UP, 0, 1);
	if (c->assistant_url[0] != 0 && c->assistant_model[0] == 0) {
		snprintf(why, 200, "assistant_model: empty; assistant_url needs the name of a model");
		return ERR_INVALID;
	}
	w.model = (struct model){ c->assistant_url, c->assistant_model, c->assistant_ca_file };
	w.budget_ms = (int)c->assistant_budget_ms;
	w.threads = c->assistant_url[0] ? (unsigned)c->assistant_workers : 0;
	return OK;
}

unsigned
wording_threads(void)
{
	return w.threads;
}

/* ---- what is sent */

static enum err
sources_of(struct ctx *ctx, const struct assistant_answer *a, struct str **out)
{
	const struct statement *s = a->statements.items;
	*out = NEW_ARRAY(ctx, struct str, a->statements.count);
	if (!*out)
		return fail(ctx, ERR_TOO_LARGE, "no room for sources");
	for (size_t i = 0; i < a->statements.count; i++)
		(*out)[i] = s[i].text;
	return OK;
}

/* Only words of our own and no number; the rest, whatever it was, becomes "…". */
static enum err
known_words(struct ctx *ctx, struct str question, struct str *out)
{
	struct list words;
	struct buf b;
	bool gap = false;
	TRY(text_words(ctx, question, &words));
	const struct word *v = words.items;
	buf_init(&b, WORDS_BYTES_MAX);
	for (size_t i = 0; i < words.count; i++) {
		bool digits = v[i].whole.p[0] >= '0' && v[i].whole.p[0] <= '9';
		bool known = !digits && knowledge_knows(&v[i]);
		if (known)
			buf_printf(&b, "%s%.*s", b.n > 0 ? " " : "", STR_FMT(v[i].whole));
		else if (!gap)
			buf_text(&b, b.n > 0 ? " …" : "…");
		gap = !known;
	}
	*out = buf_failed(&b) ? (struct str){ 0 } : arena_str(ctx->arena, buf_view(&b));
	buf_free(&b);
	return out->p ? OK : fail(ctx, ERR_TOO_LARGE, "no room for a question's words");
}

static bool
is_of_passages(const struct assistant_answer *a)
{
	const struct statement *s = a->statements.items;
	for (size_t i = 0; i < a->statements.count; i++)
		if (str_starts(s[i].passage, "calc:"))
			return false;
	return !a->refused && a->statements.count > 0 && a->statements.count <= SOURCES_MAX;
}

bool
wording_wanted(struct ctx *ctx, struct assistant_answer *a)
{
	struct str *sources, words;
	if (w.model.url[0] == 0 || !is_of_passages(a))
		return false;
	if (sources_of(ctx, a, &sources) != OK || known_words(ctx, a->question, &words) != OK)
		return false;
	a->sent = model_message(ctx, words, sources, a->statements.count);
	return str_is_set(a->sent);
}

/* ---- how it went */

void
wording_none(void)
{
	metric_add(M_ASSISTANT_ANSWERS, BY_PROGRAM, 1);
}

enum err
wording_skip(struct ctx *ctx, enum fallback f, struct assistant_answer *a)
{
	metric_add(M_ASSISTANT_ANSWERS, f, 1);
	a->fallback = str_of(fallback_code(f));
	return assistant_say(ctx, a);
}

static void
tell(enum fallback f, const char *why)
{
	enum breaker_news news = breaker_went(&w.breaker, f == FALLBACK_NONE, clock_mono_ns());

	if (news == BREAKER_SAME)
		return;
	metric_set(M_ASSISTANT_PERSONA_UP, 0, news == BREAKER_CLOSED);
	if (news == BREAKER_CLOSED)
		log_event(EV_GASNELIO_PERSONA_UP);
	else
		log_event(EV_GASNELIO_PERSONA_DOWN, { "reason", LOG_S(fallback_code(f)) },
		        { "why", LOG_S(why) });
}

/* ---- the model's words in place of ours */

static struct str
said_of(struct ctx *ctx, const struct sentence *s, size_t count, size_t source)
{
	struct buf b;
	buf_init(&b, TEXT_BYTES_MAX);
	for (size_t i = 0; i < count; i++)
		if (s[i].source == source) {
			buf_text(&b, b.n > 0 ? " " : "");
			buf_str(&b, str_trim(s[i].text));
		}
	struct str out = buf_failed(&b) ? (struct str){ 0 } : arena_str(ctx->arena, buf_view(&b));
	buf_free(&b);
	return out;
}

static enum err
take_words(struct ctx *ctx, const struct sentence *s, size_t count, struct assistant_answer *a)
{
	const struct statement *was = a->statements.items;
	struct statement *is = NEW_ARRAY(ctx, struct statement, a->statements.count);
	for (size_t i = 0; is && i < a->statements.count; i++) {
		is[i] = was[i];
		is[i].text = said_of(ctx, s, count, i);
		if (!str_is_set(is[i].text))
			is = NULL;
	}
	if (!is)
		return fail(ctx, ERR_TOO_LARGE, "no room for a model's words");
	a->statements.items = is;
	a->deterministic = false;
	metric_add(M_ASSISTANT_ANSWERS, BY_MODEL, 1);
	return assistant_say(ctx, a);
}

static int
left_ms(uint64_t began_ns)
{
	uint64_t gone_ms = (clock_mono_ns() - began_ns) / 1000000;
	return gone_ms >= (uint64_t)w.budget_ms ? 0 : w.budget_ms - (int)gone_ms;
}

static enum err
ask_and_check(struct ctx *ctx, int timeout_ms, wording_stage_fn *stage, void *arg,
        const struct assistant_answer *a, struct sentence **s, size_t *count, enum fallback *f, char *why)
{
	struct str *sources;
	TRY(sources_of(ctx, a, &sources));
	if (stage)
		stage(arg, "wording");
	TRY(model_ask(ctx, &w.model, a->sent, timeout_ms, s, count, f, why));
	if (*f != FALLBACK_NONE)
		return OK;
	if (stage)
		stage(arg, "checking");
	snprintf(why, 200, "%zu sentences", *count);
	return check_words(ctx, sources, a->statements.count, *s, *count, f);
}

enum err
wording_do(struct ctx *ctx, uint64_t began_ns, wording_stage_fn *stage, void *arg, struct assistant_answer *a)
{
	enum fallback f = FALLBACK_NONE;
	struct sentence *s = NULL;
	size_t count = 0;
	char why[200] = "";
	int timeout_ms = left_ms(began_ns);
	if (timeout_ms < LEAST_MS)
		return wording_skip(ctx, FALLBACK_MODEL_BUSY, a);
	if (!breaker_may(&w.breaker, clock_mono_ns()))
		return wording_skip(ctx, FALLBACK_MODEL_DOWN, a);
	uint64_t asked_ns = clock_mono_ns();
	enum err err = ask_and_check(ctx, timeout_ms, stage, arg, a, &s, &count, &f, why);
	metric_time(M_ASSISTANT_MODEL_SECONDS, 0, clock_mono_ns() - asked_ns);
	if (err != OK)
		f = FALLBACK_CHECK_FORMAT;
	tell(f, why);
	return f == FALLBACK_NONE ? take_words(ctx, s, count, a) : wording_skip(ctx, f, a);
}
