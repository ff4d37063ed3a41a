/* s3.c - one call: libcurl signs (CURLOPT_AWS_SIGV4), we add the body's hash that S3 wants
 * in a header.  A server that does not answer is given up after seconds, not minutes: the
 * writer may be waiting, and the caller comes back by itself. */
#include "ops/s3.h"
#include "sys/crypto.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	TRIES = 4,
	PAUSE_MS = 100, /* then three times as long, and up to as much again by chance */
	CONNECT_MS = 3000,
	SLOW_S = 8, /* so long below SLOW_BYTES a second */
	SLOW_BYTES = 512,
	ANSWER_MAX = 16 << 20,
	URL_MAX = 2048
};

struct s3 {
	CURL *curl;
	char origin[300], bucket[300], prefix[600], region[64], user[300];
	const char *ca_file;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
start_curl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

void
s3_encode(const char *text, char *out)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if ((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') ||
		        strchr("-._~", *p))
			*out++ = (char)*p;
		else
			out += snprintf(out, 4, "%%%02X", *p);
	*out = 0;
}

/* https://HOST/BUCKET/PREFIX into its three parts. */
static bool
split(struct s3 *s, const char *url)
{
	const char *host = strstr(url, "://"), *path, *rest;
	size_t n;

	if (host == NULL || (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0))
		return false;
	path = strchr(host + 3, '/');
	if (path == NULL || path == host + 3 || strpbrk(url, "?#@ "))
		return false;
	rest = path + 1;
	n = strcspn(rest, "/");
	if (n == 0 || (size_t)(path - url) >= sizeof s->origin || n >= sizeof s->bucket ||
	        strlen(rest) >= sizeof s->prefix - 2)
		return false;
	snprintf(s->origin, sizeof s->origin, "%.*s", (int)(path - url), url);
	snprintf(s->bucket, sizeof s->bucket, "%.*s", (int)n, rest);
	rest += n;
	rest += strspn(rest, "/");
	n = strlen(rest);
	while (n > 0 && rest[n - 1] == '/')
		n--;
	snprintf(s->prefix, sizeof s->prefix, "%.*s%s", (int)n, rest, n ? "/" : "");
	return true;
}

enum err
s3_open(const struct s3_conf *conf, struct s3 **out, char *why)
{
	struct s3 *s = calloc(1, sizeof *s);

	pthread_once(&once, start_curl);
	if (s == NULL || (s->curl = curl_easy_init()) == NULL) {
		free(s);
		snprintf(why, 200, "out of memory");
		return ERR_BUSY;
	}
	if (!split(s, conf->url)) {
		s3_close(s);
		snprintf(why, 200, "backup_s3_url: https://HOST[:PORT]/BUCKET[/PREFIX] is wanted");
		return ERR_INVALID;
	}
	snprintf(s->region, sizeof s->region, "aws:amz:%.40s:s3", conf->region);
	snprintf(s->user, sizeof s->user, "%.128s:%.160s", conf->access_key, conf->secret);
	s->ca_file = conf->ca_file;
	*out = s;
	return OK;
}

void
s3_close(struct s3 *s)
{
	curl_easy_cleanup(s->curl);
	wipe(s->user, sizeof s->user);
	free(s);
}

const char *
s3_prefix(const struct s3 *s)
{
	return s->prefix;
}

/* ---- what goes and comes */

struct exchange {
	const struct s3_call *call;
	size_t sent;
	struct buf error; /* what the server says with a refusal, or the answer */
	CURL *curl;
};

static size_t
give(char *out, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	size_t left = x->call->body.n - x->sent, take = size * n < left ? size * n : left;

	if (take > 0)
		memcpy(out, x->call->body.p + x->sent, take);
	x->sent += take;
	return take;
}

/* When an upload is sent a second time by curl itself (a kept connection had been closed). */
static int
rewind_body(void *arg, curl_off_t offset, int origin)
{
	struct exchange *x = arg;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > x->call->body.n)
		return CURL_SEEKFUNC_FAIL;
	x->sent = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

static size_t
take(char *p, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	long status = 0;

	curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status);
	if (x->call->to_fd < 0 || status / 100 != 2) {
		buf_add(&x->error, p, size * n);
		return size * n;
	}
	for (size_t done = 0; done < size * n;) {
		ssize_t w = write(x->call->to_fd, p + done, size * n - done);

		if (w < 0 && errno != EINTR)
			return 0;
		done += w > 0 ? (size_t)w : 0;
	}
	return size * n;
}

static size_t
header(char *p, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	struct str line = { p, size * n };

	if (x->call->etag && line.n > 5 && strncasecmp(p, "etag:", 5) == 0) {
		struct str value = str_trim((struct str){ p + 5, line.n - 5 });

		snprintf(x->call->etag, 130, "%.*s", STR_FMT(value));
	}
	return size * n;
}

/* ---- a call */

static void
address(const struct s3 *s, const struct s3_call *call, char out[static URL_MAX])
{
	char bucket[3 * 300 + 1];
	size_t n;

	s3_encode(s->bucket, bucket);
	n = (size_t)snprintf(out, URL_MAX, "%s/%s", s->origin, bucket);
	if (call->key != NULL) {
		char key[700];

		snprintf(key, sizeof key, "%s%s", s->prefix, call->key);
		for (char *p = key, *next; p != NULL && n < URL_MAX - 900; p = next) {
			char part[3 * 700 + 1];

			next = strchr(p, '/');
			if (next != NULL)
				*next++ = 0;
			s3_encode(p, part);
			n += (size_t)snprintf(out + n, URL_MAX - n, "/%.600s", part);
		}
	}
	if (call->query != NULL && n < URL_MAX)
		snprintf(out + n, URL_MAX - n, "?%s", call->query);
}

/* libcurl 7.88 signs every header named here, one that is to be left out too: so no "Expect:". */
static struct curl_slist *
headers_of(const struct s3_call *call)
{
	unsigned char hash[SHA256_SIZE];
	char hex[2 * SHA256_SIZE + 1], line[128];
	struct curl_slist *list;

	sha256(call->body.p ? call->body.p : "", call->body.n, hash);
	hex_print(hash, sizeof hash, hex);
	snprintf(line, sizeof line, "x-amz-content-sha256: %s", hex);
	list = curl_slist_append(NULL, line);
	return curl_slist_append(list, "Content-Type: application/octet-stream");
}

static void
prepare(struct s3 *s, struct exchange *x, const char *url, struct curl_slist *headers)
{
	const struct s3_call *call = x->call;
	bool sends = strcmp(call->method, "PUT") == 0 || strcmp(call->method, "POST") == 0;
	CURL *c = s->curl;

	curl_easy_reset(c); /* the connection stays open */
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_AWS_SIGV4, s->region);
	curl_easy_setopt(c, CURLOPT_USERPWD, s->user);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, x);
	if (s->ca_file[0])
		curl_easy_setopt(c, CURLOPT_CAINFO, s->ca_file);
	if (sends) {
		curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(c, CURLOPT_READFUNCTION, give);
		curl_easy_setopt(c, CURLOPT_READDATA, x);
		curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, rewind_body);
		curl_easy_setopt(c, CURLOPT_SEEKDATA, x);
		curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->body.n);
	}
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, call->method);
}

static enum err
refused(long status, struct str body, char *why)
{
	char code[80] = "";
	const char *at = body.p ? memmem(body.p, body.n, "<Code>", 6) : NULL;

	if (at != NULL) {
		size_t room = body.n - (size_t)(at + 6 - body.p), n = 0;

		while (n < room && n < sizeof code - 1 && at[6 + n] != '<')
			n++;
		snprintf(code, sizeof code, "%.*s", (int)n, at + 6);
	}
	snprintf(why, 200, "the bucket answers %ld %s%s", status, code,
	        status == 403 ? ": backup_s3_access_key or backup_s3_secret is wrong, or may not do this"
	                      : "");
	if (status == 403)
		return ERR_FORBIDDEN;
	return status == 404 ? ERR_NOT_FOUND : ERR_STORE_UNAVAILABLE;
}

/* again: what was met may pass. */
static enum err
once_through(struct s3 *s, struct exchange *x, const char *url, bool *again, char *why)
{
	struct curl_slist *headers = headers_of(x->call);
	long status = 0;
	CURLcode rc;

	x->sent = 0;
	x->curl = s->curl;
	buf_reset(&x->error);
	prepare(s, x, url, headers);
	rc = curl_easy_perform(s->curl);
	curl_slist_free_all(headers);
	curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &status);
	*again = false;
	if (rc != CURLE_OK) {
		*again = rc == CURLE_GOT_NOTHING || rc == CURLE_SEND_ERROR || rc == CURLE_RECV_ERROR ||
		         rc == CURLE_PARTIAL_FILE;
		snprintf(why, 200, "%.100s: %.80s", s->origin, curl_easy_strerror(rc));
		return ERR_STORE_UNAVAILABLE;
	}
	if (status / 100 == 2)
		return OK;
	*again = status >= 500 || status == 429;
	return refused(status, buf_view(&x->error), why);
}

static void
pause_before(int attempt)
{
	unsigned char chance;
	long ms = PAUSE_MS;

	for (int i = 1; i < attempt; i++)
		ms *= 3;
	random_bytes(&chance, 1);
	ms += ms * chance / 256;
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

enum err
s3_call(struct s3 *s, const struct s3_call *call, char *why)
{
	struct exchange x = { .call = call };
	char url[URL_MAX];
	bool again = true;
	enum err err = ERR_STORE_UNAVAILABLE;

	address(s, call, url);
	buf_init(&x.error, ANSWER_MAX);
	for (int attempt = 0; attempt < TRIES && again; attempt++) {
		if (attempt > 0)
			pause_before(attempt);
		if (call->to_fd >= 0 &&
		        (ftruncate(call->to_fd, 0) != 0 || lseek(call->to_fd, 0, SEEK_SET) != 0))
			break;
		err = once_through(s, &x, url, &again, why);
	}
	if (err == OK && call->answer != NULL)
		buf_str(call->answer, buf_view(&x.error));
	buf_free(&x.error);
	return err;
}
