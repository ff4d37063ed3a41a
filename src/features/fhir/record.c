/* record.c - the words of one resource, and the texts of one record. */
#include "features/fhir/record.h"
#include "features/fhir/kinds.h"
#include "sys/crypto.h"

enum { ITEM_BYTES_MAX = 1 << 20, TITLE_POINTS_MAX = 200, NOTICE_POINTS = 100 };

struct instant
fhir_resource_at(const struct fhir_resource *r)
{
	struct instant at = { 0 };

	for (size_t i = 0; i < COUNT(r->kind->times) && r->kind->times[i] && at.ms == 0; i++)
		at = fhir_instant(node_text(fhir_first(r->node, r->kind->times[i])));
	return at;
}

bool
fhir_entered_in_error(const struct fhir_resource *r)
{
	for (size_t i = 0; i < COUNT(r->kind->statuses) && r->kind->statuses[i]; i++)
		if (str_is(fhir_code(fhir_first(r->node, r->kind->statuses[i])), "entered-in-error"))
			return true;
	return false;
}

struct str
fhir_resource_key(struct arena *arena, const struct fhir_resource *r, struct str patient_key)
{
	struct str uuid = fhir_uuid(arena, r->id, r->url), id = r->id.n ? r->id : r->url;

	if (uuid.p)
		return fhir_text(arena, "%.*s/%s", STR_FMT(r->type), uuid.p);
	if (id.n == 0)
		return (struct str){ 0 };
	return fhir_text(arena, "%.*s|%.*s/%.*s", STR_FMT(patient_key), STR_FMT(r->type), STR_FMT(id));
}

/* A resource that goes by no name is known again by what it says. */
static struct str
key_by_text(struct arena *arena, const struct fhir_resource *r, struct str patient_key, struct str text)
{
	unsigned char sum[SHA256_SIZE];
	char hex[2 * SHA256_SIZE + 1];

	sha256(text.p, text.n, sum);
	hex_print(sum, sizeof sum, hex);
	return fhir_text(arena, "%.*s|%.*s#%s", STR_FMT(patient_key), STR_FMT(r->type), hex);
}

enum err
fhir_item_read(const struct fhir_set *set, struct arena *arena, const struct fhir_resource *r,
        struct str patient_key, struct fhir_item *out)
{
	struct buf text;

	buf_init(&text, ITEM_BYTES_MAX);
	struct fhir_words words = {
		.out = &text, .set = set, .resource = r->node, .tally = fhir_set_tally(set)
	};
	fhir_write_parts(&words, r->node, r->kind->parts, r->kind->part_count);
	if (text.n == 0)
		buf_printf(&text, "%s sem conteúdo legível", r->kind->name);
	*out = (struct fhir_item){ .key = fhir_resource_key(arena, r, patient_key),
		.kind = r->type,
		.id = r->id,
		.section = r->kind->section,
		.text = arena_str(arena, buf_view(&text)),
		.at = fhir_resource_at(r) };
	bool failed = buf_failed(&text) || !out->text.p;
	buf_free(&text);
	if (!failed && !out->key.p)
		out->key = key_by_text(arena, r, patient_key, out->text);
	return failed || !out->key.p ? ERR_TOO_LARGE : OK;
}

/* ---- an Encounter's frame */

/* Where the code point with this number begins; the end when there are fewer. */
static size_t
point_at(struct str s, size_t points)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if (((unsigned char)s.p[i] & 0xc0) != 0x80 && n++ == points)
			return i;
	return s.n;
}

/* As much as fits, ending in "…" when that is not all. */
static void
add_cut(struct buf *b, struct str text, size_t points)
{
	bool all = point_at(text, points) == text.n;

	buf_add(b, text.p, all ? text.n : point_at(text, points - 1));
	buf_text(b, all ? "" : "…");
}

static struct str
frame_title(struct fhir_words *w, const struct json_node *n, struct arena *arena)
{
	static const struct fhir_part type[] = { { "type.text", FORM_TEXT, NULL, NULL, 0 } };
	static const struct fhir_part display[] = { { "type.coding.display", FORM_TEXT, NULL, NULL, 0 } };
	static const struct fhir_part class[] = { { "class", FORM_STATUS, "Atendimento", NULL, 0 } };
	struct str start = node_text(fhir_first(n, "period.start"));
	struct date day;
	bool whole;

	buf_reset(w->out);
	if (start.n && fhir_date(start, &day, &whole)) {
		fhir_write_date(w->out, (struct str){ start.p, start.n < DATE_TEXT ? start.n : DATE_TEXT });
		buf_text(w->out, " · ");
	}
	size_t mark = w->out->n;
	fhir_write_parts(w, n, type, 1);
	if (w->out->n == mark)
		fhir_write_parts(w, n, display, 1);
	if (w->out->n == mark)
		fhir_write_parts(w, n, class, 1);
	if (w->out->n == mark)
		buf_text(w->out, "Atendimento");
	size_t fits = point_at(buf_view(w->out), TITLE_POINTS_MAX);
	if (fits < w->out->n) { /* the whole of it stands in the head */
		w->out->n = point_at(buf_view(w->out), TITLE_POINTS_MAX - 1);
		buf_text(w->out, "…");
	}
	return arena_str(arena, buf_view(w->out));
}

/* Why the patient came: what stands as the diagnosis when no Condition came. */
static struct str
frame_reason(struct fhir_words *w, const struct json_node *n, struct arena *arena)
{
	static const struct fhir_part ways[][2] = {
		{ { "reasonCode", FORM_CODE, NULL, NULL, 0 },
		        { "reasonReference", FORM_REF, NULL, NULL, 0 } },
		{ { "diagnosis.condition", FORM_REF, NULL, NULL, 0 }, { "type", FORM_CODE, NULL, NULL, 0 } },
		{ { "serviceType", FORM_CODE, NULL, NULL, 0 }, { "class", FORM_STATUS, NULL, NULL, 0 } },
	};

	buf_reset(w->out);
	for (size_t i = 0; i < COUNT(ways) && w->out->n == 0; i++)
		fhir_write_parts(w, n, ways[i], 2);
	if (w->out->n == 0)
		buf_text(w->out, "Atendimento sem motivo informado");
	return arena_str(arena, buf_view(w->out));
}

enum err
fhir_frame_read(const struct fhir_set *set, struct arena *arena, const struct fhir_resource *r,
        struct fhir_record *out)
{
	struct buf text;

	buf_init(&text, ITEM_BYTES_MAX);
	struct fhir_words words = {
		.out = &text, .set = set, .resource = r->node, .tally = fhir_set_tally(set)
	};
	out->encounter = true;
	out->id = r->id;
	out->at = fhir_resource_at(r);
	out->title = frame_title(&words, r->node, arena);
	out->reason = frame_reason(&words, r->node, arena);
	buf_reset(&text);
	fhir_write_parts(&words, r->node, fhir_encounter_head, fhir_encounter_head_count);
	out->head = arena_str(arena, text.n ? buf_view(&text) : STR(""));
	bool failed = buf_failed(&text) || !out->title.p || !out->reason.p || !out->head.p;
	buf_free(&text);
	return failed ? ERR_TOO_LARGE : OK;
}

/* ---- the texts of a record */

enum text_field { DIAGNOSIS_FIELD = 1, TREATMENT_FIELD, NOTES_FIELD };

static const struct {
	enum text_field field;
	const char *heading;
} sections[FHIR_SECTION__MAX] = {
#define SECTION(name, field, heading) [FHIR_##name] = { field, heading },
#include "features/fhir/sections.def"
#undef SECTION
};

/* A text growing towards its limit in code points. */
struct growing {
	struct buf b;
	size_t points, limit, left_out;
};

static bool
grow(struct growing *g, const char *heading, struct str text)
{
	size_t points = utf8_length(text) + (heading ? utf8_length(str_of(heading)) + 3 : 0) + 4;

	if (g->points + points + NOTICE_POINTS > g->limit)
		return false;
	g->points += points;
	if (g->b.n)
		buf_text(&g->b, heading ? "\n\n" : "\n");
	if (heading)
		buf_printf(&g->b, "%s:\n", heading);
	buf_str(&g->b, text);
	return true;
}

/* Longer than the whole field is no encounter anybody wrote down; even so it says that it was cut. */
static void
grow_head(struct growing *g, struct str head)
{
	size_t room = g->limit > 2 * NOTICE_POINTS ? g->limit - 2 * NOTICE_POINTS : 1;

	if (grow(g, "Atendimento", head))
		return;
	add_cut(&g->b, head, room);
	buf_text(&g->b, "\n[os dados do atendimento não couberam inteiros neste campo]");
	g->points = g->limit;
}

static struct str
bulleted(struct arena *arena, struct str text)
{
	return fhir_text(arena, "• %.*s", STR_FMT(text));
}

static enum err
grow_section(struct arena *arena, struct growing *g, enum fhir_section section, const struct fhir_record *r)
{
	struct fhir_item *items = r->items.items;
	const char *heading = sections[section].heading;

	for (size_t i = 0; i < r->items.count; i++) {
		struct fhir_item *item = &items[i];
		if (item->section != section || item->known)
			continue;
		struct str text = sections[section].heading ? bulleted(arena, item->text) : item->text;
		if (!text.p)
			return ERR_TOO_LARGE;
		item->left_out = !grow(g, heading, text);
		g->left_out += item->left_out;
		if (!item->left_out)
			heading = NULL;
	}
	return OK;
}

static enum err
field_text(struct arena *arena, const struct fhir_record *r, enum text_field field, size_t limit, bool more,
        struct str *out)
{
	struct growing g = { .limit = limit };
	enum err e = OK;

	buf_init(&g.b, limit * 4 + 1024);
	if (field == NOTES_FIELD && !more && r->head.n)
		grow_head(&g, r->head);
	for (size_t s = 1; s < FHIR_SECTION__MAX && e == OK; s++)
		if (sections[s].field == field)
			e = grow_section(arena, &g, (enum fhir_section)s, r);
	if (g.left_out && limit >= NOTICE_POINTS)
		buf_printf(&g.b, "%s[%zu itens da origem não couberam neste campo]", g.b.n ? "\n" : "",
		        g.left_out);
	if (field == DIAGNOSIS_FIELD && g.b.n == 0 && !more)
		add_cut(&g.b, r->reason, limit);
	*out = g.b.n ? arena_str(arena, buf_view(&g.b)) : (struct str){ 0 };
	if (e == OK && (buf_failed(&g.b) || (g.b.n && !out->p)))
		e = ERR_TOO_LARGE;
	buf_free(&g.b);
	return e;
}

enum err
fhir_record_texts(struct arena *arena, const struct fhir_record *r, const struct fhir_limits *limits,
        bool more, struct fhir_texts *out)
{
	*out = (struct fhir_texts){ .title = more ? (struct str){ 0 } : r->title };
	TRY(field_text(arena, r, DIAGNOSIS_FIELD, limits->diagnosis, more, &out->diagnosis));
	TRY(field_text(arena, r, TREATMENT_FIELD, limits->treatment, more, &out->treatment));
	return field_text(arena, r, NOTES_FIELD, limits->notes, more, &out->notes);
}
