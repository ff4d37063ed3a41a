/* audit_write.c - from a note to a row.  Ids and codes in the clear, a person's
 * words and the values before and after sealed with the patient's key. */
#include "http/audit_write.h"
#include "audit_sql.h"
#include "base/json.h"
#include "http/session.h"
#include "store/seal.h"

static const struct audit_row {
	const char *event;
	const char *text[2];
} rows[AUDIT__MAX] = {
#define AUDIT(name, event, pt, en) [AUDIT_##name] = { event, { pt, en } },
#include "http/audit.def"
#undef AUDIT
};

enum { CHANGE_MAX = 4 << 20 };

const char *
audit_event(enum audit a)
{
	assert(a > AUDIT_NONE && a < AUDIT__MAX);
	return rows[a].event;
}

const char *
audit_text(enum audit a, bool english)
{
	assert(a > AUDIT_NONE && a < AUDIT__MAX);
	return rows[a].text[english];
}

static enum err
seal_words(struct ctx *ctx, struct id patient, const char *column, struct id row, struct str plain,
        struct blob *out)
{
	struct place place = { "audit_entry", column, row };
	enum err err;

	if (!str_is_set(plain) || !id_is_set(ctx->tenant))
		return OK;
	err = seal(ctx, patient, &place, plain, out);
	/* The chart was erased: its key is gone, the entry stays without values. */
	return err == ERR_NOT_FOUND ? OK : err;
}

static enum err
seal_object(struct ctx *ctx, const struct audit_note *note, const char *column, struct id row,
        const void *obj, struct blob *out)
{
	struct buf buf;
	enum err err;

	if (obj == NULL)
		return OK;
	buf_init(&buf, CHANGE_MAX);
	json_write(ctx, &buf, note->change_type, obj, NULL);
	err = buf_failed(&buf) ? fail(ctx, buf_err(&buf), "audit value of %zu bytes", buf.n)
	                       : seal_words(ctx, note->patient, column, row, buf_view(&buf), out);
	buf_free(&buf);
	return err;
}

/* {"shown":["…"]}: which rows a list gave out. */
static struct str
extra_of(struct ctx *ctx, const struct audit_note *note)
{
	size_t room = 16 + (size_t)note->shown_count * (ID_TEXT + 3);
	char *text, *p;

	if (note->shown_count == 0 || (text = arena_take(ctx->arena, room)) == NULL)
		return (struct str){ 0 };
	p = mempcpy(text, "{\"shown\":[", 10);
	for (unsigned i = 0; i < note->shown_count; i++) {
		*p++ = '"';
		id_print(note->shown[i], p);
		p += ID_TEXT;
		*p++ = '"';
		*p++ = ',';
	}
	p[-1] = ']';
	*p++ = '}';
	return (struct str){ text, (size_t)(p - text) };
}

enum err
audit_prepare(struct ctx *ctx, const struct audit_note *note, struct audit_add_in *out)
{
	struct audit_add_in row = { .id = id_new(ctx->now),
		.tenant_id = id_is_set(ctx->tenant) ? ctx->tenant : TENANT_PLATFORM,
		.at = ctx->now,
		.event = str_of(audit_event(note->event)),
		.actor_id = ctx->actor,
		.role = str_of(role_name((enum role)ctx->role)),
		.subject_id = note->subject,
		.patient_id = note->patient,
		.status = note->status,
		.route = str_of(note->route),
		.request_id = str_of(note->request_id),
		.address = note->address,
		.extra = extra_of(ctx, note) };

	/* The address points into the exchange, which may be gone before the row is written. */
	row.address = arena_str(ctx->arena, str_is_set(note->address) ? note->address : STR(""));
	TRY(seal_words(ctx, note->patient, "reason", row.id, note->reason, &row.reason));
	TRY(seal_object(ctx, note, "before", row.id, note->before, &row.before_value));
	TRY(seal_object(ctx, note, "after", row.id, note->after, &row.after_value));
	*out = row;
	return OK;
}

enum err
audit_add_rows(struct ctx *ctx, const struct audit_add_in *in, size_t n)
{
	return db_run_many(ctx, &audit_add_stmt, in, n);
}

enum err
audit_notes_add(struct ctx *ctx, const struct audit_note *notes, size_t n)
{
	struct audit_add_in *made = arena_take(ctx->arena, n * sizeof *made);

	if (made == NULL)
		return fail(ctx, ERR_TOO_LARGE, "no room for %zu entries", n);
	for (size_t i = 0; i < n; i++)
		TRY(audit_prepare(ctx, &notes[i], &made[i]));
	return audit_add_rows(ctx, made, n);
}

enum err
audit_note_add(struct ctx *ctx, const struct audit_note *note)
{
	return audit_notes_add(ctx, note, 1);
}
