/* audit_export.c - see audit_export.h. */
#include "ops/audit_export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "ops/audit_source.h"
#include "sys/crypto.h"
#include "sys/files.h"

enum { OUT_CEILING = 256 << 20, FLUSH_BYTES = 1 << 20, LINE_ARENA = 256 << 20 };

struct writer {
	struct audit_source *source;
	struct ctx lines; /* its arena holds one line's texts */
	struct buf out;
	int fd;
	struct audit_end end;
	char *why;
};

static enum err
stop(struct writer *w, const char *what)
{
	snprintf(w->why, WHY_SIZE, "%.150s", what);
	return ERR_INTERNAL;
}

static enum err
flush(struct writer *w)
{
	struct str text = buf_view(&w->out);

	if (buf_failed(&w->out))
		return stop(w, "an entry is too large for a line");
	while (text.n > 0) {
		ssize_t n = write(w->fd, text.p, text.n);

		if (n < 0 && errno != EINTR)
			return stop(w, strerror(errno));
		text.p += n > 0 ? n : 0;
		text.n -= n > 0 ? (size_t)n : 0;
	}
	buf_reset(&w->out);
	return OK;
}

static enum err
write_entries(struct writer *w)
{
	const struct trail_entry *e;

	for (;;) {
		if (w->source->ops->peek(w->source, &e) != OK)
			return stop(w, "an entry cannot be read: run `plantao audit verify`");
		if (e == NULL)
			return OK;
		arena_reset(w->lines.arena);
		if (!audit_line_entry(&w->lines, &w->out, e))
			return stop(w, "an entry is damaged: run `plantao audit verify`");
		w->source->ops->taken(w->source);
		w->end.entries++;
		if (w->out.n > FLUSH_BYTES)
			TRY(flush(w));
	}
}

static enum err
write_batch(struct writer *w, const struct source_batch *b)
{
	const size_t step = AUDIT_RECORDS * TRAIL_RECORD_SIZE;

	arena_reset(w->lines.arena);
	audit_line_head(&w->lines, &w->out, &b->head);
	if (b->tomb.at.ms != 0)
		audit_line_tomb(&w->lines, &w->out, &b->tomb);
	for (size_t at = 0; at < b->records.n; at += step)
		audit_line_records(&w->out, (struct blob){ b->records.p + at,
		                                    b->records.n - at < step ? b->records.n - at : step });
	w->end.batches++;
	return write_entries(w);
}

static enum err
write_all(struct writer *w, struct instant until)
{
	struct source_batch b;

	for (;;) {
		if (w->source->ops->next_batch(w->source, &b) != OK)
			return stop(w, w->source->ctx.why);
		if (b.head.number == 0 || (until.ms != 0 && b.head.at.ms >= until.ms))
			break;
		if (b.damaged)
			return stop(w, "a head is damaged: run `plantao audit verify`");
		TRY(write_batch(w, &b));
	}
	w->end.made_by = STR(PROGRAM);
	w->end.made_at = clock_now();
	audit_line_end(&w->lines, &w->out, &w->end);
	return flush(w);
}

static enum err
write_file(struct writer *w, const struct audit_export_conf *conf)
{
	enum err err;

	w->fd = open(conf->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->fd < 0)
		return stop(w, strerror(errno));
	err = write_all(w, conf->until);
	if (err == OK && fsync(w->fd) != 0)
		err = stop(w, strerror(errno));
	if (close(w->fd) != 0 && err == OK)
		err = stop(w, strerror(errno));
	if (err != OK)
		unlink(conf->path);
	return err;
}

enum err
audit_export(struct store *store, const struct audit_export_conf *conf, struct audit_end *out, char *why)
{
	struct writer w = { .why = why };
	struct source_batch before;
	enum err err;

	TRY(audit_source_store(store, conf->since, &w.source, &before, why));
	buf_init(&w.out, OUT_CEILING);
	w.lines.arena = arena_new(LINE_ARENA);
	err = w.lines.arena != NULL ? write_file(&w, conf) : stop(&w, "no memory");
	*out = w.end;
	arena_free(w.lines.arena);
	buf_free(&w.out);
	audit_source_close(w.source);
	return err;
}
