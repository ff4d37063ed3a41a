/* knowledge.c - retrieval: BM25 over stems, with the field's synonyms made one word.
 * The index is made once, from the rows, and then only read. */
#include "features/assistant/knowledge.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "store/words.h"

#define PCDT(section_, page_) "PCDT Hanseníase 2022 (Portaria SCTIE/MS 67/2022)", section_, page_
#define DIRETRIZES(section_)                                                                                 \
	"MS, Diretrizes para vigilância, atenção e eliminação da hanseníase 2016 (Portaria GM/MS 149/2016)", \
	        section_, NULL
#define WHO(section_)                                                                                        \
	"WHO, Guidelines for the diagnosis, treatment and prevention of leprosy, 2018", section_, NULL
#define ROT(section_) "Roteiro para dispensação: hanseníase (PQT-U)", section_, NULL
#define SINAN(section_) "SINAN NET v5, dicionário de dados: hanseníase", section_, NULL
#define BOLETIM(section_)                                                                                    \
	"Parâmetros do Ministério da Saúde (Boletim Epidemiológico de Hanseníase SES-PE 2025)", section_, NULL
#define RDC11(section_) "RDC ANVISA 11/2011 e Portaria SVS/MS 344/1998 (lista C3)", section_, NULL
#define MANUAL(section_) "MS, Manual de prevenção de incapacidades, 2008", section_, NULL
#define CONTRADICTION(section_) "PCDT Hanseníase 2022 (Portaria SCTIE/MS 67/2022) e WHO 2018", section_, NULL

const struct passage passages[] = {
#define PASSAGE(id_, source_, keywords_, technical_, plain_) { id_, source_, keywords_, technical_, plain_ },
#include "features/assistant/knowledge.def"
#undef PASSAGE
};
const size_t passage_count = COUNT(passages);

static const char stop_words[] =
        "a o as os um uma uns umas de do da dos das em no na nos nas por para pra com sem e ou que qual "
        "quais "
        "como quando quanto quantos quantas quanta onde quem se ser eh foi sao esta estao ao aos pelo pela "
        "me "
        "meu minha eu voce ele ela isso isto este esta esse essa nao sim ja ha tem ter pode posso deve devo "
        "fazer faz feito existe sobre mais menos muito ate entre apos antes depois durante qualquer todo "
        "toda "
        "todos todas paciente pessoa pacientes hanseniase tratamento precisa preciso dar da dado usar usa "
        "uso "
        "usada tomar toma tomo tomando remedio medicamento favor explique diga fale explica gostaria saber "
        "the "
        "serve significa acontece fica ficar so tambem mesmo seu sua lhe vou vai estou caso casos considera "
        "u cuidar tomada tomado considerado sido seria era protocolo recomenda recomendado orientacao "
        "pra pro pras pros faco dou deu da dao vem ir agora la aqui ai ne queria quero quer tenho tinha teve "
        "alguem alguma algum outro outra ainda entao porque mas nem cada dizer conta chama chamada chamado "
        "ponho boto acho sei gente doente doentes posto unidade ubs equipe servico certo errado bom boa "
        "ocorre aparecer apareceu aparece surge surgir melhor jeito forma maneira hora vez coisa normal "
        "preciso precisam deveria poderia conseguir consigo ajudar ajuda obrigado oi ola bem assim";

static const struct {
	const char *word, *others;
} synonyms[] = {
#define SYNONYMS(word_, others_) { word_, others_ },
#include "features/assistant/synonyms.def"
#undef SYNONYMS
};

/* ---- the index */

enum { INDEX_ROOM = 4 << 20, POSTINGS_MAX = 16000, PAIRS_MAX = 1000, PASSAGES_MAX = 256, SLIP_LETTERS = 5 };
static const double K1 = 1.2, B = 0.5, IN_KEYWORDS = 3, IN_TECHNICAL = 1, IN_PLAIN = 0.5;
/* A word that no passage knows says less than the rarest one that does: people tell stories around a
 * question. */
static const double UNKNOWN = 0.6;

struct posting {
	struct str term;
	size_t passage;
	double weight;
};
struct pair {
	struct str from, to;
};

static struct {
	enum err err;
	struct posting *postings; /* by term, then passage */
	struct pair *pairs;
	struct str *stops;
	size_t posting_count, pair_count, stop_count;
	double length[PASSAGES_MAX], mean;
} ix;
static pthread_once_t ix_once = PTHREAD_ONCE_INIT;

static int
str_order(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = memcmp(a.p, b.p, n);
	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

static int
posting_order(const void *a, const void *b)
{
	const struct posting *x = a, *y = b;
	int c = str_order(x->term, y->term);
	return c != 0 ? c : (x->passage > y->passage) - (x->passage < y->passage);
}

static struct str
meaning(struct str stem)
{
	for (size_t i = 0; i < ix.pair_count; i++)
		if (str_eq(ix.pairs[i].from, stem))
			return ix.pairs[i].to;
	return stem;
}

static bool
is_stop(struct str whole)
{
	for (size_t i = 0; i < ix.stop_count; i++)
		if (str_eq(ix.stops[i], whole))
			return true;
	return false;
}

static enum err
add_text(struct ctx *ctx, size_t passage, const char *text, double weight)
{
	struct list words;
	TRY(text_words(ctx, str_of(text), &words));
	const struct word *w = words.items;
	for (size_t i = 0; i < words.count; i++) {
		if (is_stop(w[i].whole))
			continue;
		assert(ix.posting_count < POSTINGS_MAX);
		ix.postings[ix.posting_count++] = (struct posting){ meaning(w[i].stem), passage, weight };
		ix.length[passage] += weight;
	}
	return OK;
}

static enum err
add_synonyms(struct ctx *ctx, const char *word, const char *others)
{
	struct list one, many;
	TRY(text_words(ctx, str_of(word), &one));
	TRY(text_words(ctx, str_of(others), &many));
	const struct word *to = one.items, *from = many.items;
	for (size_t i = 0; i < many.count; i++) {
		assert(ix.pair_count < PAIRS_MAX);
		ix.pairs[ix.pair_count++] = (struct pair){ from[i].stem, to[0].stem };
	}
	return OK;
}

static enum err
add_stops(struct ctx *ctx)
{
	struct list words;
	TRY(text_words(ctx, STR(stop_words), &words));
	const struct word *w = words.items;
	ix.stops = NEW_ARRAY(ctx, struct str, words.count);
	for (size_t i = 0; ix.stops && i < words.count; i++)
		ix.stops[ix.stop_count++] = w[i].whole;
	return ix.stops ? OK : ERR_TOO_LARGE;
}

/* Postings of one term in one passage become one. */
static void
merge_postings(void)
{
	size_t kept = 0;
	qsort(ix.postings, ix.posting_count, sizeof *ix.postings, posting_order);
	for (size_t i = 0; i < ix.posting_count; i++) {
		if (kept > 0 && posting_order(&ix.postings[kept - 1], &ix.postings[i]) == 0)
			ix.postings[kept - 1].weight += ix.postings[i].weight;
		else
			ix.postings[kept++] = ix.postings[i];
	}
	ix.posting_count = kept;
}

static enum err
index_fill(struct ctx *ctx)
{
	ix.postings = NEW_ARRAY(ctx, struct posting, POSTINGS_MAX);
	ix.pairs = NEW_ARRAY(ctx, struct pair, PAIRS_MAX);
	if (!ix.postings || !ix.pairs)
		return ERR_TOO_LARGE;
	TRY(add_stops(ctx));
	for (size_t i = 0; i < COUNT(synonyms); i++)
		TRY(add_synonyms(ctx, synonyms[i].word, synonyms[i].others));
	for (size_t i = 0; i < passage_count; i++) {
		TRY(add_text(ctx, i, passages[i].keywords, IN_KEYWORDS));
		TRY(add_text(ctx, i, passages[i].technical, IN_TECHNICAL));
		TRY(add_text(ctx, i, passages[i].plain, IN_PLAIN));
		ix.mean += ix.length[i] / (double)passage_count;
	}
	merge_postings();
	return OK;
}

/* Its memory stays as long as the process. */
static void
index_make(void)
{
	static struct ctx ctx;
	static_assert(COUNT(passages) <= PASSAGES_MAX, "PASSAGES_MAX");
	ctx.arena = arena_new(INDEX_ROOM);
	ix.err = ctx.arena ? index_fill(&ctx) : ERR_BUSY;
}

/* ---- a question */

/* The first posting of a term, and how many. */
static const struct posting *
postings_of(struct str term, size_t *count)
{
	size_t low = 0, high = ix.posting_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (str_order(ix.postings[middle].term, term) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (*count = 0; low + *count < ix.posting_count; ++*count)
		if (!str_eq(ix.postings[low + *count].term, term))
			break;
	return ix.postings + low;
}

/* One letter more, less, other, or two swapped, behind the first one. */
static bool
one_slip(struct str a, struct str b)
{
	size_t same = 0, tail = 0;

	if (a.n > b.n) {
		struct str swap = a;
		a = b;
		b = swap;
	}
	if (b.n - a.n > 1 || a.p[0] != b.p[0])
		return false;
	while (same < a.n && a.p[same] == b.p[same])
		same++;
	while (tail < a.n - same && a.p[a.n - 1 - tail] == b.p[b.n - 1 - tail])
		tail++;
	if (a.n == b.n && a.n - same - tail == 2)
		return a.p[same] == b.p[same + 1] && a.p[same + 1] == b.p[same];
	return b.n - same - tail <= 1;
}

/* A word that nobody wrote here is taken for the only one that it misses by a letter. Short ones and
 * numbers are not: there a letter is another word. */
static struct str
mended(struct str term)
{
	struct str found = { 0 };

	if (term.n < SLIP_LETTERS || (term.p[0] >= '0' && term.p[0] <= '9'))
		return term;
	for (size_t i = 0; i < ix.posting_count; i++) {
		struct str known = ix.postings[i].term;
		if ((i > 0 && str_eq(known, ix.postings[i - 1].term)) || known.n < SLIP_LETTERS ||
		        !one_slip(term, known))
			continue;
		if (found.n > 0 && !str_eq(found, known))
			return term;
		found = known;
	}
	for (size_t i = 0; i < ix.pair_count; i++) {
		struct str known = ix.pairs[i].from, means = ix.pairs[i].to;
		if (known.n < SLIP_LETTERS || !one_slip(term, known))
			continue;
		if (found.n > 0 && !str_eq(found, means))
			return term;
		found = means;
	}
	return found.n > 0 ? found : term;
}

/* What a word of a question is in the index, which may not have it. */
static struct str
term_of(const struct word *w)
{
	struct str term = meaning(w->stem);
	size_t count;

	(void)postings_of(term, &count);
	return count > 0 ? term : mended(term);
}

static double
rarity(size_t holders)
{
	double n = (double)passage_count, df = (double)holders;
	return log(1 + (n - df + 0.5) / (df + 0.5));
}

static bool
asked_before(const struct word *w, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(term_of(&w[k]), term_of(&w[i])))
			return true;
	return false;
}

/* Adds what one term is worth to each passage that has it; returns its weight. */
static double
add_term(struct str term, double score[], double known[], unsigned has[])
{
	size_t count;
	const struct posting *p = postings_of(term, &count);
	double weight = count > 0 ? rarity(count) : UNKNOWN * rarity(0);
	for (size_t i = 0; i < count; i++) {
		double norm = K1 * (1 - B + B * ix.length[p[i].passage] / ix.mean);
		score[p[i].passage] += weight * p[i].weight * (K1 + 1) / (p[i].weight + norm);
		has[p[i].passage]++;
		known[p[i].passage] += p[i].weight >= IN_KEYWORDS ? weight : weight / 2;
	}
	return weight;
}

static size_t
keep_best(const double score[], const double known[], const unsigned has[], double total, struct hit *out,
        size_t max)
{
	size_t found = 0;
	for (size_t i = 0; i < passage_count; i++) {
		size_t at = found;
		if (score[i] <= 0)
			continue;
		while (at > 0 && out[at - 1].score < score[i])
			at--;
		if (at == max)
			continue;
		found += found < max;
		memmove(out + at + 1, out + at, (found - at - 1) * sizeof *out);
		out[at] = (struct hit){ &passages[i], score[i], has[i], known[i] / total };
	}
	return found;
}

enum err
knowledge_search(struct ctx *ctx, const struct list *words, struct hit *out, size_t max, size_t *found)
{
	double score[PASSAGES_MAX] = { 0 }, known[PASSAGES_MAX] = { 0 }, total = 0;
	unsigned has[PASSAGES_MAX] = { 0 };
	const struct word *w = words->items;
	pthread_once(&ix_once, index_make);
	if (ix.err != OK)
		return fail(ctx, ix.err, "the assistant's index could not be made");
	for (size_t i = 0; i < words->count; i++)
		if (!is_stop(w[i].whole) && !asked_before(w, i))
			total += add_term(term_of(&w[i]), score, known, has);
	*found = keep_best(score, known, has, total, out, max);
	return OK;
}

bool
knowledge_knows(const struct word *w)
{
	size_t count;
	pthread_once(&ix_once, index_make);
	if (ix.err != OK)
		return false;
	if (is_stop(w->whole))
		return true;
	(void)postings_of(meaning(w->stem), &count);
	return count > 0;
}

const char *
knowledge_check(void)
{
	for (size_t i = 0; i < passage_count; i++) {
		const struct passage *p = &passages[i];
		if (!p->id || !p->document || !p->section || !p->keywords || !p->technical || !p->plain)
			return "a passage with a hole";
		for (size_t k = 0; k < i; k++)
			if (strcmp(passages[k].id, p->id) == 0)
				return "two passages with one id";
	}
	return NULL;
}
