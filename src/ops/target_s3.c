/* target_s3.c - a bucket as target.  A file is made in data_dir first (its bytes are sealed
 * already), then sent: in one piece, or in parts when it is large, and then it appears
 * with the last call alone. */
#include "ops/backup.h"
#include "ops/s3.h"
#include "ops/target.h"
#include "sys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PARTS_MAX = 10000, KEY_ROOM = 512, TOKEN_ROOM = 3 * 1024, PAGES_MAX = 10000 };

struct target_s3 {
	struct target target;
	struct s3 *s3;
	const char *data_dir;
	size_t part; /* bytes */
};

static struct target_s3 *
of(struct target *t)
{
	return (struct target_s3 *)t;
}

static enum err
out_of_memory(char *why)
{
	snprintf(why, 200, "out of memory");
	return ERR_BUSY;
}

static enum err
scratch(const struct target_s3 *s, struct target_part *part, char *why)
{
	TRY(backup_scratch(s->data_dir, ".part-XXXXXX", part->path, why));
	part->fd = mkostemp(part->path, O_CLOEXEC);
	if (part->fd >= 0)
		return OK;
	snprintf(why, 200, "cannot write to %.150s: %s", s->data_dir, strerror(errno));
	return ERR_STORE_UNAVAILABLE;
}

static enum err
s3_begin(struct target *t, struct target_part *part, char *why)
{
	return scratch(of(t), part, why);
}

/* ---- sending */

static enum err
read_part(int fd, uint64_t offset, size_t n, struct buf *into, char *why)
{
	buf_reset(into);
	if (n > 0 && buf_grow(into, n) == NULL)
		return out_of_memory(why);
	for (size_t done = 0; done < n;) {
		ssize_t r = pread(fd, into->p + done, n - done, (off_t)(offset + done));

		if (r <= 0) {
			snprintf(why, 200, "cannot read what is to be sent: %s", strerror(errno));
			return ERR_STORE_UNAVAILABLE;
		}
		done += (size_t)r;
	}
	return OK;
}

/* The text between <tag> and </tag> from *at on, which moves behind it; absent: none. */
static struct str
element(struct str *at, const char *tag)
{
	char open[64], close[64];
	const char *from, *to;

	snprintf(open, sizeof open, "<%s>", tag);
	snprintf(close, sizeof close, "</%s>", tag);
	from = at->p ? memmem(at->p, at->n, open, strlen(open)) : NULL;
	if (from == NULL)
		return (struct str){ NULL, 0 };
	from += strlen(open);
	to = memmem(from, at->n - (size_t)(from - at->p), close, strlen(close));
	if (to == NULL)
		return (struct str){ NULL, 0 };
	at->n -= (size_t)(to + strlen(close) - at->p);
	at->p = to + strlen(close);
	return (struct str){ from, (size_t)(to - from) };
}

static enum err
begin_upload(struct target_s3 *s, const char *name, char query[static 1100], char *why)
{
	char id[300], encoded[900];
	struct buf answer;
	struct str found, rest;
	enum err err;

	buf_init(&answer, 1 << 16);
	err = s3_call(s->s3, &(struct s3_call){ "POST", name, "uploads=", { 0 }, -1, &answer, NULL }, why);
	rest = buf_view(&answer);
	found = err == OK ? element(&rest, "UploadId") : (struct str){ NULL, 0 };
	if (err == OK && (found.n == 0 || found.n >= sizeof id)) {
		snprintf(why, 200, "the bucket began no upload in parts");
		err = ERR_STORE_UNAVAILABLE;
	}
	if (err == OK) {
		snprintf(id, sizeof id, "%.*s", STR_FMT(found));
		s3_encode(id, encoded);
		snprintf(query, 1100, "uploadId=%s", encoded);
	}
	buf_free(&answer);
	return err;
}

static enum err
send_parts(struct target_s3 *s, int fd, uint64_t size, const char *name, const char *upload,
        struct buf *bytes, struct buf *list, char *why)
{
	unsigned number = 1;

	buf_text(list, "<CompleteMultipartUpload>");
	for (uint64_t at = 0; at < size; at += s->part, number++) {
		size_t n = size - at < s->part ? (size_t)(size - at) : s->part;
		char query[1200], etag[130] = "";

		TRY(read_part(fd, at, n, bytes, why));
		snprintf(query, sizeof query, "partNumber=%u&%s", number, upload);
		TRY(s3_call(s->s3, &(struct s3_call){ "PUT", name, query, buf_view(bytes), -1, NULL, etag },
		        why));
		buf_printf(list, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag></Part>", number, etag);
	}
	buf_text(list, "</CompleteMultipartUpload>");
	return buf_failed(list) ? out_of_memory(why) : OK;
}

/* The closing call may answer 200 and still say in its body that it failed. */
static enum err
end_upload(struct target_s3 *s, const char *name, const char *upload, struct str list, char *why)
{
	struct buf answer;
	struct str rest;
	enum err err;

	buf_init(&answer, 1 << 16);
	err = s3_call(s->s3, &(struct s3_call){ "POST", name, upload, list, -1, &answer, NULL }, why);
	rest = buf_view(&answer);
	if (err == OK && memmem(rest.p ? rest.p : "", rest.n, "<Error>", 7) != NULL) {
		struct str code = element(&rest, "Code");

		snprintf(why, 200, "the bucket did not join the parts: %.*s",
		        (int)(code.n < 80 ? code.n : 80), code.p ? code.p : "");
		err = ERR_STORE_UNAVAILABLE;
	}
	buf_free(&answer);
	return err;
}

/* When this fails too, the parts stay until the bucket's own rule removes them. */
static void
abandon(struct target_s3 *s, const char *name, const char *upload)
{
	char why[200];
	enum err err = s3_call(
	        s->s3, &(struct s3_call){ "DELETE", name, upload, { 0 }, -1, NULL, NULL }, why);

	(void)err;
}

static enum err
put_large(struct target_s3 *s, int fd, uint64_t size, const char *name, struct buf *bytes, char *why)
{
	char upload[1100];
	struct buf list;
	enum err err;

	TRY(begin_upload(s, name, upload, why));
	buf_init(&list, PARTS_MAX * 256);
	err = send_parts(s, fd, size, name, upload, bytes, &list, why);
	if (err == OK)
		err = end_upload(s, name, upload, buf_view(&list), why);
	if (err != OK)
		abandon(s, name, upload);
	buf_free(&list);
	return err;
}

static enum err
s3_put(struct target *t, struct target_part *part, const char *name, char *why)
{
	struct target_s3 *s = of(t);
	struct stat st;
	struct buf bytes;
	enum err err = OK;

	buf_init(&bytes, s->part);
	if (fstat(part->fd, &st) != 0 || (uint64_t)st.st_size > (uint64_t)s->part * PARTS_MAX) {
		snprintf(why, 200, "%.80s is too large for %d parts: raise backup_s3_part_mib", name,
		        PARTS_MAX);
		err = ERR_TOO_LARGE;
	} else if ((size_t)st.st_size > s->part) {
		err = put_large(s, part->fd, (uint64_t)st.st_size, name, &bytes, why);
	} else if ((err = read_part(part->fd, 0, (size_t)st.st_size, &bytes, why)) == OK) {
		err = s3_call(
		        s->s3, &(struct s3_call){ "PUT", name, NULL, buf_view(&bytes), -1, NULL, NULL }, why);
	}
	buf_free(&bytes);
	target_drop(part);
	return err;
}

/* ---- the others */

static enum err
s3_get(struct target *t, const char *name, int *fd, char *why)
{
	struct target_part part;
	enum err err;

	TRY(scratch(of(t), &part, why));
	unlink(part.path);
	err = s3_call(of(t)->s3, &(struct s3_call){ "GET", name, NULL, { 0 }, part.fd, NULL, NULL }, why);
	if (err == OK)
		*fd = part.fd;
	else
		close(part.fd);
	return err;
}

static void
tell(struct str key, const char *prefix, int64_t bytes, target_seen_fn *seen, void *arg)
{
	char name[KEY_ROOM];
	size_t cut = strlen(prefix);

	if (key.n <= cut || key.n - cut >= sizeof name)
		return;
	snprintf(name, sizeof name, "%.*s", (int)(key.n - cut), key.p + cut);
	name[strcspn(name, "/")] = 0;
	seen(arg, name, bytes);
}

/* Half a listing must not pass for a short one: a restore would reach less than it could,
 * and say nothing. */
static enum err
no_listing(const char *what, char *why)
{
	snprintf(why, 200, "the bucket's listing %s", what);
	return ERR_STORE_UNAVAILABLE;
}

/* What the next page is asked with into token; "" at the end. */
static enum err
next_page(struct str answer, char token[static TOKEN_ROOM], char *why)
{
	struct str rest = answer, again = answer, next = element(&rest, "NextContinuationToken");
	char plain[TOKEN_ROOM / 3], encoded[TOKEN_ROOM];

	if (answer.n == 0 || memmem(answer.p, answer.n, "</ListBucketResult>", 19) == NULL)
		return no_listing("is cut", why);
	if (next.n == 0) {
		token[0] = 0;
		return str_is(element(&again, "IsTruncated"), "true") ? no_listing("does not go on", why)
		                                                      : OK;
	}
	if (next.n >= sizeof plain)
		return no_listing("goes on with a token that is too long", why);
	snprintf(plain, sizeof plain, "%.*s", STR_FMT(next));
	s3_encode(plain, encoded);
	if (strcmp(encoded, token) == 0)
		return no_listing("begins the same page again", why);
	memcpy(token, encoded, strlen(encoded) + 1);
	return OK;
}

static void
tell_all(struct str answer, const char *prefix, bool folders, target_seen_fn *seen, void *arg)
{
	struct str one;

	if (folders)
		while ((one = element(&answer, "CommonPrefixes")).p != NULL)
			tell(element(&one, "Prefix"), prefix, -1, seen, arg);
	else
		while ((one = element(&answer, "Contents")).p != NULL) {
			struct str whole = one, key = element(&one, "Key"), size = element(&whole, "Size");
			int64_t bytes = 0;

			tell(key, prefix, str_int(size, &bytes) && bytes > 0 ? bytes : 0, seen, arg);
		}
}

/* One page of a listing; token says which, and gets the next one's. */
static enum err
list_page(struct target_s3 *s, const char *prefix, bool folders, char token[static TOKEN_ROOM],
        target_seen_fn *seen, void *arg, char *why)
{
	char query[4096], encoded[3 * KEY_ROOM + 1];
	struct buf answer;
	enum err err;

	s3_encode(prefix, encoded);
	snprintf(query, sizeof query, "%s%s%sdelimiter=%%2F&list-type=2&prefix=%s",
	        token[0] ? "continuation-token=" : "", token, token[0] ? "&" : "", encoded);
	buf_init(&answer, 16 << 20);
	err = s3_call(s->s3, &(struct s3_call){ "GET", NULL, query, { 0 }, -1, &answer, NULL }, why);
	if (err == OK)
		err = next_page(buf_view(&answer), token, why);
	if (err == OK)
		tell_all(buf_view(&answer), prefix, folders, seen, arg);
	buf_free(&answer);
	return err;
}

static enum err
s3_list(struct target *t, const char *folder, target_seen_fn *seen, void *arg, char *why)
{
	char prefix[KEY_ROOM], token[TOKEN_ROOM] = "";
	unsigned pages = 0;
	enum err err;

	snprintf(prefix, sizeof prefix, "%.300s%.200s%s", s3_prefix(of(t)->s3), folder, folder[0] ? "/" : "");
	do
		err = list_page(of(t), prefix, folder[0] == 0, token, seen, arg, why);
	while (err == OK && token[0] != 0 && ++pages < PAGES_MAX);
	return err == OK && token[0] != 0 ? no_listing("does not end", why) : err;
}

static enum err
s3_remove(struct target *t, const char *name, char *why)
{
	enum err err = s3_call(
	        of(t)->s3, &(struct s3_call){ "DELETE", name, NULL, { 0 }, -1, NULL, NULL }, why);

	return err == ERR_NOT_FOUND ? OK : err;
}

static void
s3_target_close(struct target *t)
{
	s3_close(of(t)->s3);
	free(t);
}

static const struct target_ops s3_ops = { s3_begin, s3_put, s3_get, s3_list, s3_remove, s3_target_close };

enum err
target_s3_open(const struct conf *conf, struct target **out, char *why)
{
	struct s3_conf sc = { conf->backup_s3_url, conf->backup_s3_region, conf->backup_s3_access_key,
		conf->backup_s3_secret, conf->backup_s3_ca_file };
	struct target_s3 *s = calloc(1, sizeof *s);
	enum err err;

	if (s == NULL)
		return out_of_memory(why);
	if (sc.access_key[0] == 0 || sc.secret[0] == 0) {
		free(s);
		snprintf(why, 200,
		        "backup_s3_url is set, so backup_s3_access_key and backup_s3_secret must be");
		return ERR_INVALID;
	}
	if ((err = s3_open(&sc, &s->s3, why)) != OK) {
		free(s);
		return err;
	}
	s->target.ops = &s3_ops;
	s->data_dir = conf->data_dir;
	s->part = (size_t)conf->backup_s3_part_mib << 20;
	snprintf(s->target.text, sizeof s->target.text, "%.250s", conf->backup_s3_url);
	*out = &s->target;
	return OK;
}
