/* audit_lines.c - see audit_lines.h. */
#include "ops/audit_lines.h"

#include "base/json.h"

#define BYTES_MAX (INT64_C(1) << 26)
#define ORDER_MAX INT64_MAX

struct head_line {
	int64_t number, from, to, count;
	struct instant at;
	struct str root, previous, key_id, signature;
};
static const struct field head_fields[] = {
	FIELD(head_line, number, .sens = SENS_PLAIN, .required = true),
	FIELD(head_line, from, .sens = SENS_PLAIN, .required = true, .max = ORDER_MAX),
	FIELD(head_line, to, .sens = SENS_PLAIN, .required = true, .max = ORDER_MAX),
	FIELD(head_line, count, .sens = SENS_PLAIN, .required = true),
	FIELD(head_line, at, .sens = SENS_PLAIN, .required = true),
	FIELD(head_line, root, .sens = SENS_PLAIN, .required = true),
	FIELD(head_line, previous, .sens = SENS_PLAIN, .required = true),
	FIELD(head_line, key_id, .sens = SENS_PLAIN, .required = true),
	FIELD(head_line, signature, .sens = SENS_PLAIN, .required = true),
};
static const struct type head_type = TYPE(head_line, head_fields);

struct tomb_line {
	struct instant at;
	struct str key_id, signature;
};
static const struct field tomb_fields[] = {
	FIELD(tomb_line, at, .sens = SENS_PLAIN, .required = true),
	FIELD(tomb_line, key_id, .sens = SENS_PLAIN, .required = true),
	FIELD(tomb_line, signature, .sens = SENS_PLAIN, .required = true),
};
static const struct type tomb_type = TYPE(tomb_line, tomb_fields);

struct entry_line {
	int64_t seq;
	struct opt_int epoch;
	struct id id, tenant_id;
	struct instant at;
	struct str event;
	struct id actor_id;
	struct str role;
	struct id subject_id, patient_id;
	struct opt_int status;
	struct str route, request_id, address, reason_sealed, before_sealed, after_sealed, extra;
};
static const struct field entry_fields[] = {
	FIELD(entry_line, seq, .sens = SENS_PLAIN, .required = true, .max = ORDER_MAX),
	FIELD(entry_line, epoch, .sens = SENS_PLAIN, .max = ORDER_MAX),
	FIELD(entry_line, id, .sens = SENS_PLAIN),
	FIELD(entry_line, tenant_id, .sens = SENS_PLAIN),
	FIELD(entry_line, at, .sens = SENS_PLAIN),
	FIELD(entry_line, event, .sens = SENS_PLAIN),
	FIELD(entry_line, actor_id, .sens = SENS_PLAIN),
	FIELD(entry_line, role, .sens = SENS_PLAIN),
	FIELD(entry_line, subject_id, .sens = SENS_PLAIN),
	FIELD(entry_line, patient_id, .sens = SENS_PLAIN),
	FIELD(entry_line, status, .sens = SENS_PLAIN),
	FIELD(entry_line, route, .sens = SENS_PLAIN),
	FIELD(entry_line, request_id, .sens = SENS_PLAIN),
	FIELD(entry_line, address, .sens = SENS_PLAIN),
	FIELD(entry_line, reason_sealed, .sens = SENS_PLAIN, .max = BYTES_MAX),
	FIELD(entry_line, before_sealed, .sens = SENS_PLAIN, .max = BYTES_MAX),
	FIELD(entry_line, after_sealed, .sens = SENS_PLAIN, .max = BYTES_MAX),
	FIELD(entry_line, extra, .sens = SENS_PLAIN, .max = BYTES_MAX),
};
static const struct type entry_type = TYPE(entry_line, entry_fields);

static const struct field end_fields[] = {
	FIELD(audit_end, batches, .sens = SENS_PLAIN, .required = true),
	FIELD(audit_end, entries, .sens = SENS_PLAIN, .required = true),
	FIELD(audit_end, made_by, .sens = SENS_PLAIN),
	FIELD(audit_end, made_at, .sens = SENS_PLAIN),
};
static const struct type end_type = TYPE(audit_end, end_fields);

struct line {
	struct head_line *head;
	struct tomb_line *tomb;
	struct str records;
	struct entry_line *entry;
	struct audit_end *end;
};
static const struct field line_fields[] = {
	FIELD_OBJECT(line, head, &head_type, .sens = SENS_PLAIN),
	FIELD_OBJECT(line, tomb, &tomb_type, .sens = SENS_PLAIN),
	FIELD(line, records, .sens = SENS_PLAIN, .max = BYTES_MAX),
	FIELD_OBJECT(line, entry, &entry_type, .sens = SENS_PLAIN),
	FIELD_OBJECT(line, end, &end_type, .sens = SENS_PLAIN),
};
static const struct type line_type = TYPE(line, line_fields);

/* ---- bytes as text */

static struct str
hex_text(struct ctx *ctx, const void *p, size_t n)
{
	char *out = arena_fixed(ctx->arena, 2 * n + 1);

	hex_print(p, n, out);
	return (struct str){ out, 2 * n };
}

static bool
hex_bytes(struct str text, void *out, size_t n)
{
	return text.n == 2 * n && hex_parse(text, out, n);
}

static void
write_base64(struct buf *b, struct blob bytes)
{
	size_t n = (bytes.n * 4 + 2) / 3;
	char *p = buf_grow(b, n + 1);

	if (p == NULL)
		return;
	base64url_print(bytes.p, bytes.n, p);
	b->n--; /* its 0 */
}

static struct str
base64_text(struct ctx *ctx, struct blob bytes)
{
	char *p = bytes.p != NULL ? arena_take(ctx->arena, (bytes.n * 4 + 2) / 3 + 1) : NULL;

	if (p == NULL)
		return (struct str){ NULL, 0 };
	return (struct str){ p, base64url_print(bytes.p, bytes.n, p) };
}

static bool
base64_bytes(struct ctx *ctx, struct str text, struct blob *out)
{
	unsigned char *p;
	size_t n;

	*out = (struct blob){ NULL, 0 };
	if (!str_is_set(text))
		return true;
	p = arena_take(ctx->arena, text.n + 1);
	if (p == NULL || !base64url_parse(text, p, text.n + 1, &n))
		return false;
	*out = (struct blob){ p, n };
	return true;
}

/* ---- heads */

void
audit_head_write(struct ctx *ctx, struct buf *b, const struct trail_head *h)
{
	struct head_line line = { h->number, h->from, h->to, h->count, h->at,
		hex_text(ctx, h->root.b, sizeof h->root.b),
		hex_text(ctx, h->previous.b, sizeof h->previous.b),
		hex_text(ctx, h->key_id, sizeof h->key_id),
		hex_text(ctx, h->signature, sizeof h->signature) };

	json_write(ctx, b, &head_type, &line, NULL);
}

static bool
head_from(const struct head_line *line, struct trail_head *h)
{
	*h = (struct trail_head){ .number = line->number,
		.from = line->from,
		.to = line->to,
		.count = line->count,
		.at = line->at };
	return hex_bytes(line->root, h->root.b, sizeof h->root.b) &&
	       hex_bytes(line->previous, h->previous.b, sizeof h->previous.b) &&
	       hex_bytes(line->key_id, h->key_id, sizeof h->key_id) &&
	       hex_bytes(line->signature, h->signature, sizeof h->signature);
}

bool
audit_head_read(struct ctx *ctx, struct str text, struct trail_head *out)
{
	struct head_line line;

	return json_read(ctx, text, &head_type, &line) == OK && head_from(&line, out);
}

/* ---- lines */

static void
envelope(struct ctx *ctx, struct buf *b, const char *name, const struct type *t, const void *obj)
{
	buf_printf(b, "{\"%s\":", name);
	json_write(ctx, b, t, obj, NULL);
	buf_text(b, "}\n");
}

void
audit_line_head(struct ctx *ctx, struct buf *b, const struct trail_head *h)
{
	buf_text(b, "{\"head\":");
	audit_head_write(ctx, b, h);
	buf_text(b, "}\n");
}

void
audit_line_tomb(struct ctx *ctx, struct buf *b, const struct trail_tomb *t)
{
	struct tomb_line line = { t->at, hex_text(ctx, t->key_id, sizeof t->key_id),
		hex_text(ctx, t->signature, sizeof t->signature) };

	envelope(ctx, b, "tomb", &tomb_type, &line);
}

void
audit_line_records(struct buf *b, struct blob records)
{
	buf_text(b, "{\"records\":\"");
	write_base64(b, records);
	buf_text(b, "\"}\n");
}

void
audit_line_end(struct ctx *ctx, struct buf *b, const struct audit_end *end)
{
	envelope(ctx, b, "end", &end_type, end);
}

static bool
id_from(struct blob b, struct id *out)
{
	*out = (struct id){ { 0 } };
	if (b.p == NULL)
		return true;
	if (b.n != sizeof out->b)
		return false;
	memcpy(out->b, b.p, sizeof out->b);
	return id_is_set(*out);
}

bool
audit_line_entry(struct ctx *ctx, struct buf *b, const struct trail_entry *e)
{
	struct entry_line line = { .seq = e->seq,
		.epoch = e->epoch,
		.at = { e->at.v },
		.event = e->event,
		.role = e->role,
		.status = e->status,
		.route = e->route,
		.request_id = e->request_id,
		.address = e->address,
		.reason_sealed = base64_text(ctx, e->reason_sealed),
		.before_sealed = base64_text(ctx, e->before_sealed),
		.after_sealed = base64_text(ctx, e->after_sealed),
		.extra = e->extra };

	if (!id_from(e->id, &line.id) || !id_from(e->tenant_id, &line.tenant_id) ||
	        !id_from(e->actor_id, &line.actor_id) || !id_from(e->subject_id, &line.subject_id) ||
	        !id_from(e->patient_id, &line.patient_id) || !e->at.set)
		return false;
	envelope(ctx, b, "entry", &entry_type, &line);
	return true;
}

static struct blob
id_bytes(const struct id *id)
{
	return id_is_set(*id) ? (struct blob){ id->b, sizeof id->b } : (struct blob){ NULL, 0 };
}

static bool
entry_from(struct ctx *ctx, const struct entry_line *line, struct trail_entry *e)
{
	*e = (struct trail_entry){ .seq = line->seq,
		.epoch = line->epoch,
		.id = id_bytes(&line->id),
		.tenant_id = id_bytes(&line->tenant_id),
		.at = { line->at.ms, line->at.ms != 0 },
		.event = line->event,
		.actor_id = id_bytes(&line->actor_id),
		.role = line->role,
		.subject_id = id_bytes(&line->subject_id),
		.patient_id = id_bytes(&line->patient_id),
		.status = line->status,
		.route = line->route,
		.request_id = line->request_id,
		.address = line->address,
		.extra = line->extra };
	return base64_bytes(ctx, line->reason_sealed, &e->reason_sealed) &&
	       base64_bytes(ctx, line->before_sealed, &e->before_sealed) &&
	       base64_bytes(ctx, line->after_sealed, &e->after_sealed);
}

static bool
tomb_from(const struct tomb_line *line, struct trail_tomb *t)
{
	t->at = line->at;
	return hex_bytes(line->key_id, t->key_id, sizeof t->key_id) &&
	       hex_bytes(line->signature, t->signature, sizeof t->signature);
}

bool
audit_line_read(struct ctx *ctx, struct str text, struct audit_line *out)
{
	struct line line;
	int members;

	*out = (struct audit_line){ .kind = LINE_UNSET };
	if (json_read(ctx, text, &line_type, &line) != OK)
		return false;
	members = (line.head != NULL) + (line.tomb != NULL) + str_is_set(line.records) +
	          (line.entry != NULL) + (line.end != NULL);
	if (members != 1)
		return false;
	if (line.head != NULL) {
		out->kind = LINE_HEAD;
		return head_from(line.head, &out->head);
	}
	if (line.tomb != NULL) {
		out->kind = LINE_TOMB;
		return tomb_from(line.tomb, &out->tomb);
	}
	if (line.entry != NULL) {
		out->kind = LINE_ENTRY;
		return entry_from(ctx, line.entry, &out->entry);
	}
	if (line.end != NULL) {
		out->kind = LINE_END;
		out->end = *line.end;
		return true;
	}
	out->kind = LINE_RECORDS;
	return base64_bytes(ctx, line.records, &out->records);
}
