/* audit_import.c - batches and entries out of an export, line by line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ops/audit_lines.h"
#include "ops/audit_source.h"
#include "sys/files.h"

enum { ARENA_CEILING = 512 << 20, RECORDS_CEILING = 1 << 30 };

struct file_source {
	struct audit_source source;
	FILE *file;
	char *text;
	size_t room;
	struct audit_line line; /* the next one; kind LINE_UNSET: not yet read */
	struct buf records;
	struct audit_end counted;
};

static struct file_source *
of(struct audit_source *s)
{
	return (struct file_source *)s;
}

/* Reads the next line unless one waits. At the file's end its kind stays LINE_UNSET. */
static enum err
look(struct file_source *s)
{
	ssize_t n;

	if (s->line.kind != LINE_UNSET)
		return OK;
	n = getline(&s->text, &s->room, s->file);
	if (n < 0)
		return ferror(s->file) ? fail(&s->source.ctx, ERR_STORE_UNAVAILABLE, "%s", strerror(errno))
		                       : OK;
	s->source.line++;
	arena_reset(s->source.ctx.arena);
	s->source.ctx.invalid = NULL;
	if (s->source.ended)
		return fail(&s->source.ctx, ERR_MALFORMED, "a line behind the end");
	if (n > AUDIT_LINE_MAX ||
	        !audit_line_read(&s->source.ctx, (struct str){ s->text, (size_t)n }, &s->line))
		return fail(&s->source.ctx, ERR_MALFORMED, "no line of an export");
	return OK;
}

static void
take(struct file_source *s)
{
	s->line.kind = LINE_UNSET;
}

static enum err
take_end(struct file_source *s)
{
	struct audit_end end = s->line.end;

	take(s);
	s->source.ended = true;
	if (end.batches != s->counted.batches || end.entries != s->counted.entries)
		return fail(&s->source.ctx, ERR_MALFORMED, "the end counts %lld batches and %lld entries",
		        (long long)end.batches, (long long)end.entries);
	return look(s);
}

/* What belongs to the head itself. */
static enum err
take_head(struct file_source *s, struct source_batch *out)
{
	out->head = s->line.head;
	buf_reset(&s->records);
	for (;;) {
		take(s);
		TRY(look(s));
		if (s->line.kind == LINE_TOMB)
			out->tomb = s->line.tomb;
		else if (s->line.kind == LINE_RECORDS)
			buf_add(&s->records, s->line.records.p, s->line.records.n);
		else
			break;
	}
	if (buf_failed(&s->records))
		return fail(&s->source.ctx, ERR_MALFORMED, "more records than a batch has");
	out->records = (struct blob){ (const unsigned char *)s->records.p, s->records.n };
	s->counted.batches++;
	return OK;
}

static enum err
file_next_batch(struct audit_source *source, struct source_batch *out)
{
	struct file_source *s = of(source);

	*out = (struct source_batch){ .damaged = false };
	TRY(look(s));
	switch (s->line.kind) {
	case LINE_HEAD: return take_head(s, out);
	case LINE_END: return take_end(s);
	case LINE_UNSET: return OK;
	default: return fail(&source->ctx, ERR_MALFORMED, "a line that no head precedes");
	}
}

static enum err
file_peek(struct audit_source *source, const struct trail_entry **out)
{
	struct file_source *s = of(source);

	*out = NULL;
	if (source->ended)
		return OK;
	TRY(look(s));
	if (s->line.kind == LINE_ENTRY)
		*out = &s->line.entry;
	return OK;
}

static void
file_taken(struct audit_source *source)
{
	of(source)->counted.entries++;
	take(of(source));
}

static int64_t
file_stuck_seq(struct audit_source *source)
{
	(void)source;
	return 0;
}

static enum err
file_horizon(struct audit_source *source, int64_t *out)
{
	(void)source;
	*out = INT64_MAX;
	return OK;
}

static void
file_source_close(struct audit_source *source)
{
	struct file_source *s = of(source);

	if (s->file != NULL)
		fclose(s->file);
	free(s->text);
	buf_free(&s->records);
	arena_free(source->ctx.arena);
	free(s);
}

static const struct audit_source_ops file_ops = {
	.next_batch = file_next_batch,
	.peek = file_peek,
	.taken = file_taken,
	.stuck_seq = file_stuck_seq,
	.horizon = file_horizon,
	.close = file_source_close,
};

enum err
audit_source_export(const char *path, struct audit_source **out, char *why)
{
	struct file_source *s = calloc(1, sizeof *s);

	if (s == NULL)
		return ERR_BUSY;
	s->source = (struct audit_source){ .ops = &file_ops, .engine = ENGINE_POSTGRES, .files = true };
	buf_init(&s->records, RECORDS_CEILING);
	s->source.ctx.arena = arena_new(ARENA_CEILING);
	s->file = fopen(path, "re");
	if (s->file == NULL || s->source.ctx.arena == NULL) {
		snprintf(why, WHY_SIZE, "%.120s: %s", path, strerror(errno));
		file_source_close(&s->source);
		return ERR_NOT_FOUND;
	}
	*out = &s->source;
	return OK;
}
