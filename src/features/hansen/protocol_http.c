/* protocol_http.c - the protocol, readable and searchable.  Every version stays
 * readable: an old prescription is judged by the rows of its own. */
#include "features/hansen/answer.h"
#include "features/hansen/protocol.h"
#include "http/route.h"

struct protocol_item {
	struct str id, topic, topic_title, band, drug, give, amount, unit, from, to;
	bool from_included, to_included;
	struct str interval;
	struct opt_int count, window_months, phase;
	struct str classes, instead, condition, flag, text, text_en;
	struct cited_source *source;
	struct date valid_from;
	struct str review;
};
#define NULLABLE(m, ...) FIELD(protocol_item, m, .sens = SENS_PLAIN, .nullable_only = true, __VA_ARGS__)
static const struct field item_fields[] = {
	FIELD(protocol_item, id, .sens = SENS_PLAIN, .summary = "The same in all versions"),
	FIELD(protocol_item, topic, .sens = SENS_PLAIN),
	FIELD(protocol_item, topic_title, .sens = SENS_PLAIN),
	NULLABLE(band, .summary = "Weight band, class, situation or indicator's band"),
	NULLABLE(drug),
	NULLABLE(give, .summary = "SUPERVISIONADA, AUTOADMINISTRADA or DIARIA"),
	NULLABLE(amount, .summary = "Exact decimal"),
	NULLABLE(unit),
	NULLABLE(from),
	NULLABLE(to),
	FIELD(protocol_item, from_included, .sens = SENS_PLAIN),
	FIELD(protocol_item, to_included, .sens = SENS_PLAIN),
	NULLABLE(interval),
	NULLABLE(count, .summary = "Doses, or months of a phase"),
	NULLABLE(window_months),
	NULLABLE(phase),
	NULLABLE(classes, .summary = "PB or MB; null: both"),
	NULLABLE(instead, .summary = "What may replace this drug"),
	NULLABLE(condition),
	NULLABLE(flag),
	FIELD(protocol_item, text, .sens = SENS_PLAIN, .summary = "pt-BR"),
	FIELD(protocol_item, text_en, .sens = SENS_PLAIN),
	FIELD_OBJECT(protocol_item, source, &cited_source_type, .sens = SENS_PLAIN),
	FIELD(protocol_item, valid_from, .sens = SENS_PLAIN),
	FIELD(protocol_item, review, .sens = SENS_PLAIN, .summary = "PENDING or APPROVED"),
};
static const struct type item_type = TYPE(protocol_item, item_fields);

struct protocol_page {
	struct str version, sha256, review_state;
	struct date valid_from;
	struct list versions, items;
};
static const struct field page_fields[] = {
	FIELD(protocol_page, version, .sens = SENS_PLAIN),
	FIELD(protocol_page, sha256, .sens = SENS_PLAIN, .summary = "Of all rows of this version"),
	FIELD(protocol_page, review_state, .sens = SENS_PLAIN),
	FIELD(protocol_page, valid_from, .sens = SENS_PLAIN),
	FIELD(protocol_page, versions, .sens = SENS_PLAIN, .of = &text_item_type, .summary = "Oldest first"),
	FIELD(protocol_page, items, .sens = SENS_PLAIN, .of = &item_type),
};
static const struct type page_type = TYPE(protocol_page, page_fields);

struct protocol_query {
	struct str q, topic, version;
};
static const struct field query_fields[] = {
	FIELD(protocol_query, q, .sens = SENS_PLAIN, .max = 200,
	        .summary = "Every word must match; accents and case ignored"),
	FIELD(protocol_query, topic, .sens = SENS_PLAIN, .max = 40),
	FIELD(protocol_query, version, .sens = SENS_PLAIN, .max = 40, .summary = "The newest when absent"),
};
static const struct type query_type = TYPE(protocol_query, query_fields);

static handler_fn get_protocols, get_protocol;

#define PROTOCOL                                                                                             \
	.perm = PERM_PROTOCOL_READ, .audit = AUDIT_NONE, .rate = RATE_READ, .query = &query_type,            \
	.tag = "Protocols"
static const struct route protocol_routes[] = {
	{ GET, "/api/hansen/protocols", get_protocols, PROTOCOL, .out = &page_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_PROTOCOL_UNAVAILABLE),
	        .summary = "Read or search a version of the protocol" },
	{ GET, "/api/hansen/protocols/{id:text}", get_protocol, PROTOCOL, .out = &item_type,
	        .errors = ERRORS(ERR_NOT_FOUND, ERR_PROTOCOL_UNAVAILABLE),
	        .summary = "One row of the protocol" },
};
const struct routes protocol_route_table = { protocol_routes, COUNT(protocol_routes) };

static struct opt_int
number(int v)
{
	return (struct opt_int){ v, v > 0 };
}

static struct protocol_item
item(struct ctx *ctx, enum lang lang, const struct protocol_row *r)
{
	struct cited_source *source = NEW(ctx, struct cited_source);
	*source = answer_source(&r->source);
	return (struct protocol_item){ .id = str_of(r->id),
		.topic = str_of(topic_name(r->topic)),
		.topic_title = str_of(lang == LANG_EN ? topic_en(r->topic) : topic_pt(r->topic)),
		.band = str_of(r->band),
		.drug = str_of(r->drug),
		.give = str_of(r->give),
		.amount = str_of(r->amount),
		.unit = str_of(r->unit),
		.from = str_of(r->from),
		.to = str_of(r->to),
		.from_included = r->from && !r->from_open,
		.to_included = r->to && !r->to_open,
		.interval = str_of(r->interval),
		.count = number(r->count),
		.window_months = number(r->window_months),
		.phase = number(r->phase),
		.classes = str_of(r->classes),
		.instead = str_of(r->instead),
		.condition = str_of(r->condition),
		.flag = str_of(r->flag),
		.text = str_of(r->pt),
		.text_en = str_of(r->en),
		.source = source,
		.valid_from = r->valid_from,
		.review = str_of(review_name(r->review)) };
}

static enum err
wanted(struct req *req, const struct protocol **out)
{
	const struct protocol_query *q = req_query(req);
	TRY(protocol_ready(NULL));
	*out = str_is_set(q->version) ? protocol_find(q->version) : protocol_current();
	return *out ? OK : fail(req_ctx(req), ERR_NOT_FOUND, "no such version");
}

static bool
is_asked(const struct protocol_row *r, const struct protocol_query *q)
{
	if (str_is_set(q->topic) && !str_is(q->topic, topic_name(r->topic)))
		return false;
	return !str_is_set(q->q) || protocol_row_matches(r, q->q);
}

static enum err
versions(struct ctx *ctx, struct list *out)
{
	const char *names[16 + 1] = { 0 };
	for (size_t i = 0; i < protocol_count() && i < COUNT(names) - 1; i++)
		names[i] = protocol_at(i)->version;
	return answer_texts(ctx, names, out);
}

static enum err
get_protocols(struct req *req)
{
	struct ctx *ctx = req_ctx(req);
	struct protocol_page *page = NEW(ctx, struct protocol_page);
	enum lang lang = lang_of(req_header(req, "Accept-Language"));
	const struct protocol *p;
	TRY(wanted(req, &p));
	struct protocol_item *items = NEW_ARRAY(ctx, struct protocol_item, p->count);
	if (!items)
		return fail(ctx, ERR_TOO_LARGE, "no room for the protocol");
	*page = (struct protocol_page){ .version = str_of(p->version),
		.sha256 = str_of(p->sha256),
		.review_state = str_of(review_name(protocol_review(p))),
		.valid_from = p->valid_from,
		.items = { items, 0 } };
	TRY(versions(ctx, &page->versions));
	for (size_t i = 0; i < p->count; i++)
		if (is_asked(&p->rows[i], req_query(req)))
			items[page->items.count++] = item(ctx, lang, &p->rows[i]);
	return req_reply(req, page);
}

static enum err
get_protocol(struct req *req)
{
	const struct protocol *p;
	TRY(wanted(req, &p));
	const struct protocol_row *row = protocol_row(p, req_text(req, "id"));
	if (!row)
		return fail(req_ctx(req), ERR_NOT_FOUND, "no such row");
	struct protocol_item *out = NEW(req_ctx(req), struct protocol_item);
	*out = item(req_ctx(req), lang_of(req_header(req, "Accept-Language")), row);
	return req_reply(req, out);
}
