/* audit_heads.c - see audit_heads.h. */
#include "ops/audit_heads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gen/audit_ops_sql.h"
#include "ops/audit_lines.h"
#include "sys/files.h"

enum { LINE_ROOM = 4096, PAGE = 200 };

/* ---- appending */

struct list_file {
	int fd;
	bool torn; /* its last line has no end */
	struct trail_head last;
};

/* The last whole line in the file's last bytes; absent: there is none. */
static struct str
last_line(struct list_file *f, char tail[static LINE_ROOM], size_t n)
{
	size_t end = n, from;

	while (end > 0 && tail[end - 1] != '\n')
		end--;
	f->torn = end < n;
	if (end == 0)
		return (struct str){ NULL, 0 };
	for (from = --end; from > 0 && tail[from - 1] != '\n';)
		from--;
	return (struct str){ tail + from, end - from };
}

static enum err
read_last(struct ctx *ctx, struct list_file *f)
{
	char tail[LINE_ROOM];
	struct stat st;
	struct str line;
	ssize_t n;

	if (fstat(f->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return fail(ctx, ERR_INTERNAL, "the list of heads is no regular file");
	n = pread(f->fd, tail, sizeof tail, st.st_size > LINE_ROOM ? st.st_size - LINE_ROOM : 0);
	if (n < 0)
		return fail(ctx, ERR_INTERNAL, "the list of heads cannot be read: %s", strerror(errno));
	line = last_line(f, tail, (size_t)n);
	if (line.p == NULL)
		return st.st_size > LINE_ROOM ? fail(ctx, ERR_STATE, "the list of heads ends in no head")
		                              : OK;
	if (!audit_head_read(ctx, line, &f->last))
		return fail(ctx, ERR_STATE, "the last line of the list of heads is no head");
	return OK;
}

static enum err
write_all(struct ctx *ctx, int fd, struct str text)
{
	while (text.n > 0) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(ctx, ERR_INTERNAL, "the list of heads cannot be written: %s",
			        strerror(errno));
		text.p += n;
		text.n -= (size_t)n;
	}
	return OK;
}

static bool
same(const struct trail_head *a, const struct trail_head *b)
{
	struct hash x, y;

	trail_head_hash(a, &x);
	trail_head_hash(b, &y);
	return hash_eq(&x, &y);
}

/* From the list's last head on, which the store must still have. */
static enum err
lines_of(struct ctx *ctx, struct list_file *f, const struct list *rows, struct buf *out, int64_t *count)
{
	const struct trail_batch *row = rows->items;
	struct trail_head head;
	struct trail_tomb tomb;

	if (f->last.number > 0 && rows->count == 0)
		return fail(ctx, ERR_STATE, "head %lld of the list is gone from the store",
		        (long long)f->last.number);
	for (size_t i = 0; i < rows->count; i++) {
		if (!trail_head_of(&row[i], &head, &tomb))
			return fail(ctx, ERR_STATE, "head %lld is damaged", (long long)row[i].number);
		if (i == 0 && f->last.number > 0) {
			if (!same(&head, &f->last))
				return fail(ctx, ERR_STATE, "head %lld is not the one in the list",
				        (long long)f->last.number);
			continue;
		}
		if (f->torn)
			buf_byte(out, '\n');
		f->torn = false;
		audit_head_write(ctx, out, &head);
		buf_byte(out, '\n');
		++*count;
	}
	if (rows->count > 0)
		f->last = head;
	return OK;
}

static enum err
append_page(struct ctx *ctx, struct db *db, struct list_file *f, bool *more, int64_t *count)
{
	struct list rows;
	struct buf out;
	enum err err;

	TRY(db_begin(ctx, db, TX_READ));
	err = sql_audit_batches(
	        ctx, &(struct audit_batches_in){ .number = f->last.number, .row_limit = PAGE }, &rows);
	db_rollback(ctx);
	TRY(err);
	buf_init(&out, 2 * PAGE * LINE_ROOM);
	err = lines_of(ctx, f, &rows, &out, count);
	if (err == OK)
		err = write_all(ctx, f->fd, buf_view(&out));
	buf_free(&out);
	*more = rows.count == PAGE;
	return err;
}

enum err
audit_heads_append(struct ctx *ctx, struct db *db, const char *path, int64_t *appended)
{
	struct list_file f = { .fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640) };
	int64_t count = 0;
	bool more = true;
	enum err err;

	if (f.fd < 0)
		return fail(ctx, ERR_INTERNAL, "the list of heads cannot be opened: %s", strerror(errno));
	arena_reset(ctx->arena);
	/* A server that hands over to its successor, and a command beside it, append in turn. */
	if (flock(f.fd, LOCK_EX) != 0)
		err = fail(ctx, ERR_INTERNAL, "the list of heads cannot be locked: %s", strerror(errno));
	else
		err = read_last(ctx, &f);
	while (err == OK && more) {
		arena_reset(ctx->arena);
		err = append_page(ctx, db, &f, &more, &count);
	}
	if (err == OK && count > 0 && fdatasync(f.fd) != 0)
		err = fail(ctx, ERR_INTERNAL, "the list of heads cannot be synced: %s", strerror(errno));
	close(f.fd);
	if (appended != NULL)
		*appended = count;
	return err;
}

/* ---- reading */

enum err
audit_heads_open(struct audit_heads *h, const char *path, char *why)
{
	*h = (struct audit_heads){ .file = fopen(path, "re") };
	if (h->file != NULL)
		return OK;
	snprintf(why, WHY_SIZE, "%.120s: %s", path, strerror(errno));
	return ERR_NOT_FOUND;
}

void
audit_heads_close(struct audit_heads *h)
{
	if (h->file != NULL)
		fclose(h->file);
	free(h->line);
}

/* The next line without its end; absent when there is none. */
static struct str
next_line(struct audit_heads *h)
{
	ssize_t n = getline(&h->line, &h->room, h->file);

	if (n < 0)
		return (struct str){ NULL, 0 };
	h->line_number++;
	return str_trim((struct str){ h->line, (size_t)n });
}

enum err
audit_heads_next(struct audit_heads *h, struct ctx *ctx, struct trail_head *out)
{
	struct str line, torn = { NULL, 0 };

	*out = (struct trail_head){ .number = 0 };
	for (;;) {
		line = next_line(h);
		if (line.p == NULL)
			return torn.p == NULL || feof(h->file) ? OK : ERR_MALFORMED;
		if (line.n > LINE_ROOM ||
		        (torn.p != NULL && (line.n < torn.n || memcmp(line.p, torn.p, torn.n) != 0)))
			return ERR_MALFORMED;
		if (audit_head_read(ctx, line, out))
			return OK;
		if (torn.p != NULL || (torn = arena_str(ctx->arena, line)).p == NULL)
			return ERR_MALFORMED;
	}
}
