/* drill.c - users as threads, each with its own connection.  A user writes a record under an
 * idempotency key and repeats it until it is acknowledged, reads it back, thinks, goes on. */
#include "ops/drill.h"
#include "base/json.h"
#include "sys/crypto.h"
#include "sys/run.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
	CALL_MS = 20000,
	CONNECT_MS = 2000,
	PAUSE_MS = 100,    /* before a repetition, plus up to twice as much by chance */
	FINISH_MS = 60000, /* after the end a user still gets its last answer */
	ANSWER_MAX = 4 << 20,
	COMMAND_MS = 600000,
	BACK_MS = 120000,
	PAGE = 100,
};

struct answer_buf {
	struct buf body;
};

/* How a write went that was repeated: each answer, and how long it took. */
struct tries {
	struct drill_try one[DRILL_TRIES_KEPT];
	unsigned count; /* of all, kept or not */
};

struct user {
	pthread_t thread;
	struct drill *drill;
	unsigned number, seq; /* seq: how many were acknowledged */
	CURL *curl;
	struct curl_slist *common;
	struct buf body;
	int64_t errors, stale, stall_ms;
	struct tries tries, worst; /* of the write at hand, and of the longest */
	bool unfinished;
};

struct drill {
	const struct drill_conf *conf;
	struct drill_result *result;
	uint64_t began_ns, end_ns, fault_ns;
	pthread_mutex_t lock;
	uint64_t last_ack_ns;
	char run[9]; /* tells this run's records from others */
	struct user users[DRILL_USERS_MAX];
};

static void
nap(int ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

static unsigned
chance(unsigned below)
{
	uint32_t n;

	random_bytes(&n, sizeof n);
	return n % below;
}

/* ---- one call */

static size_t
take(char *p, size_t one, size_t n, void *arg)
{
	struct buf *b = arg;

	buf_add(b, p, one * n);
	return buf_failed(b) ? 0 : n;
}

/* The status, or 0 when no answer came; the body is in u->body. */
static int
call(struct user *u, const char *path, const char *key, const char *post)
{
	struct curl_slist *headers = NULL, *all = u->common;
	char url[600], line[120];
	long status = 0;

	buf_reset(&u->body);
	snprintf(url, sizeof url, "%s%s", u->drill->conf->url, path);
	curl_easy_setopt(u->curl, CURLOPT_URL, url);
	if (post != NULL) {
		curl_easy_setopt(u->curl, CURLOPT_POST, 1L);
		curl_easy_setopt(u->curl, CURLOPT_POSTFIELDS, post);
		snprintf(line, sizeof line, "Idempotency-Key: %s", key);
		headers = curl_slist_append(NULL, line);
		for (const struct curl_slist *h = u->common; h != NULL; h = h->next)
			headers = curl_slist_append(headers, h->data);
		all = headers;
	} else {
		curl_easy_setopt(u->curl, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(u->curl, CURLOPT_HTTPHEADER, all);
	if (curl_easy_perform(u->curl) != CURLE_OK)
		status = 0;
	else
		curl_easy_getinfo(u->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	return (int)status;
}

static bool
user_open(struct drill *d, unsigned number)
{
	struct user *u = &d->users[number];
	char line[300];

	u->drill = d;
	u->number = number;
	buf_init(&u->body, ANSWER_MAX);
	snprintf(line, sizeof line, "Authorization: Bearer %.250s", d->conf->token);
	u->common = curl_slist_append(NULL, line);
	u->common = curl_slist_append(u->common, "Content-Type: application/json");
	u->curl = curl_easy_init();
	if (u->curl == NULL)
		return false;
	curl_easy_setopt(u->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(u->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(u->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(u->curl, CURLOPT_TIMEOUT_MS, (long)CALL_MS);
	curl_easy_setopt(u->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(u->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(u->curl, CURLOPT_WRITEDATA, &u->body);
	if (d->conf->ca != NULL)
		curl_easy_setopt(u->curl, CURLOPT_CAINFO, d->conf->ca);
	return true;
}

static void
user_close(struct user *u)
{
	curl_easy_cleanup(u->curl);
	curl_slist_free_all(u->common);
	buf_free(&u->body);
}

/* ---- the ledger */

static void
note_error(struct user *u, int status)
{
	u->errors++;
	pthread_mutex_lock(&u->drill->lock);
	u->drill->result->errors++;
	u->drill->result->statuses[status > 0 && status < 600 ? status : 0]++;
	pthread_mutex_unlock(&u->drill->lock);
}

static void
note_ack(struct user *u, uint64_t first_ns)
{
	struct drill *d = u->drill;
	uint64_t now_ns = clock_mono_ns();
	int64_t waited_ms = (int64_t)(now_ns - first_ns) / 1000000, gap_ms;
	uint64_t slot = (now_ns - d->began_ns) / (DRILL_SLOT_MS * 1000000ull);

	if (waited_ms > u->stall_ms) {
		u->stall_ms = waited_ms;
		u->worst = u->tries;
	}
	pthread_mutex_lock(&d->lock);
	d->result->acked++;
	if (slot < DRILL_SLOTS_MAX)
		d->result->acked_in[slot]++;
	gap_ms = (int64_t)(now_ns - d->last_ack_ns) / 1000000;
	/* What was quiet before the fault does not count, even where it reaches into it. */
	if (d->fault_ns != 0 && now_ns > d->fault_ns && gap_ms > d->result->gap_ms) {
		d->result->gap_ms = gap_ms;
		d->result->gap_at_ms = ((int64_t)d->last_ack_ns - (int64_t)d->fault_ns) / 1000000;
	}
	d->last_ack_ns = now_ns;
	pthread_mutex_unlock(&d->lock);
}

/* ---- a user's work */

static struct str
member(const char *text, size_t n, const char *name)
{
	const char *at = text ? memmem(text, n, name, strlen(name)) : NULL, *end;

	if (at == NULL)
		return (struct str){ 0 };
	at += strlen(name);
	end = memchr(at, '"', n - (size_t)(at - text));
	return end ? (struct str){ at, (size_t)(end - at) } : (struct str){ 0 };
}

static int
try_once(struct user *u, const char *key, const char *post)
{
	uint64_t began_ns = clock_mono_ns();
	int status = call(u, "/api/medical-records", key, post);

	if (u->tries.count < DRILL_TRIES_KEPT)
		u->tries.one[u->tries.count] = (struct drill_try){ status,
			(int64_t)(clock_mono_ns() - began_ns) / 1000000 };
	u->tries.count++;
	return status;
}

/* What was just acknowledged must be there for whoever asks next. */
static void
read_back(struct user *u)
{
	struct str id = member(u->body.p, u->body.n, "\"id\":\"");
	char path[120];
	int status;

	if (id.n != ID_TEXT)
		return;
	snprintf(path, sizeof path, "/api/medical-records/%.*s", STR_FMT(id));
	status = call(u, path, NULL, NULL);
	if (status == 404) {
		u->stale++;
	} else if (status != 200) {
		note_error(u, status);
	}
}

static bool
write_one(struct user *u)
{
	struct drill *d = u->drill;
	uint64_t first_ns = clock_mono_ns();
	char key[60], post[400];

	snprintf(key, sizeof key, "drill-%s-%u-%u", d->run, u->number, u->seq);
	snprintf(post, sizeof post, "{\"patientId\":\"%.40s\",\"title\":\"%s\",\"diagnosis\":\"exercício\"}",
	        d->conf->patient, key);
	u->tries.count = 0;
	for (;;) {
		int status = try_once(u, key, post);

		if (status == 201)
			break;
		note_error(u, status);
		if (clock_mono_ns() > d->end_ns + FINISH_MS * 1000000ull) {
			u->unfinished = true;
			return false;
		}
		nap(PAUSE_MS + (int)chance(2 * PAUSE_MS));
	}
	note_ack(u, first_ns);
	u->seq++;
	read_back(u);
	return true;
}

static void *
user_main(void *arg)
{
	struct user *u = arg;
	const struct drill_conf *c = u->drill->conf;

	nap((int)chance(c->think_ms + 1));
	while (clock_mono_ns() < u->drill->end_ns && write_one(u))
		nap((int)(c->think_ms / 2 + chance(c->think_ms + 1)));
	return NULL;
}

/* ---- what is there afterwards */

struct found {
	unsigned char *seen[DRILL_USERS_MAX]; /* by seq: how often */
};

static void
count_titles(struct drill *d, struct found *f, struct str body)
{
	char prefix[40];

	snprintf(prefix, sizeof prefix, "\"title\":\"drill-%s-", d->run);
	while (body.n > 0) {
		const char *at = memmem(body.p, body.n, prefix, strlen(prefix)), *dash;
		int64_t user, seq;

		if (at == NULL)
			return;
		at += strlen(prefix);
		body = (struct str){ at, body.n - (size_t)(at - body.p) };
		dash = memchr(at, '-', body.n);
		if (dash == NULL || !str_int((struct str){ at, (size_t)(dash - at) }, &user) ||
		        user >= DRILL_USERS_MAX ||
		        !str_int((struct str){ dash + 1, strcspn(dash + 1, "\"") }, &seq))
			continue;
		if (f->seen[user] != NULL && seq <= d->users[user].seq && f->seen[user][seq] < 255)
			f->seen[user][seq]++;
	}
}

static enum err
read_all(struct drill *d, struct found *f, char *why)
{
	struct user *u = &d->users[0];
	char path[500], cursor[300] = "";
	uint64_t until_ns = clock_mono_ns() + BACK_MS * 1000000ull;

	for (;;) {
		struct str next;
		int status;

		snprintf(path, sizeof path, "/api/medical-records?patientId=%.40s&limit=%d%s%s",
		        d->conf->patient, PAGE, cursor[0] ? "&cursor=" : "", cursor);
		status = call(u, path, NULL, NULL);
		if (status != 200) {
			if (clock_mono_ns() > until_ns) {
				snprintf(
				        why, 200, "the records cannot be read afterwards: status %d", status);
				return ERR_STORE_UNAVAILABLE;
			}
			nap(PAUSE_MS);
			continue;
		}
		buf_byte(&u->body, 0);
		count_titles(d, f, (struct str){ u->body.p, u->body.n });
		next = member(u->body.p, u->body.n, "\"nextCursor\":\"");
		if (!str_is_set(next) || next.n >= sizeof cursor)
			return OK;
		snprintf(cursor, sizeof cursor, "%.*s", STR_FMT(next));
	}
}

static enum err
compare(struct drill *d, char *why)
{
	struct found *f = calloc(1, sizeof *f);
	enum err err = OK;

	if (f == NULL)
		return ERR_BUSY;
	for (unsigned i = 0; i < d->conf->users && err == OK; i++)
		if ((f->seen[i] = calloc(d->users[i].seq + 2, 1)) == NULL)
			err = ERR_BUSY;
	if (err == OK)
		err = read_all(d, f, why);
	for (unsigned i = 0; i < d->conf->users; i++) {
		for (unsigned k = 0; err == OK && f->seen[i] != NULL && k <= d->users[i].seq; k++) {
			/* The last of a user may be there without having been acknowledged. */
			d->result->lost += k < d->users[i].seq && f->seen[i][k] == 0;
			d->result->duplicated += f->seen[i][k] > 1;
		}
		free(f->seen[i]);
	}
	free(f);
	return err;
}

/* ---- the drill */

static int
command(const char *text)
{
	const char *argv[] = { "sh", "-c", text, NULL };

	return text != NULL ? run_program(argv, COMMAND_MS, NULL) : 0;
}

static void
until(uint64_t when_ns)
{
	while (clock_mono_ns() < when_ns)
		nap(10);
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
keep_longest(struct drill *d)
{
	const struct user *longest = &d->users[0];
	struct drill_result *r = d->result;

	for (unsigned i = 1; i < d->conf->users; i++)
		if (d->users[i].stall_ms > longest->stall_ms)
			longest = &d->users[i];
	r->longest_tries = longest->worst.count;
	memcpy(r->longest, longest->worst.one, sizeof r->longest);
}

static void
sum_up(struct drill *d)
{
	struct drill_result *r = d->result;
	int64_t stalls[DRILL_USERS_MAX];
	unsigned n = d->conf->users;

	for (unsigned i = 0; i < n; i++) {
		const struct user *u = &d->users[i];

		stalls[i] = u->stall_ms;
		r->stale += u->stale;
		r->unfinished += u->unfinished;
		r->users_with_errors += u->errors > 0;
		if (u->errors > r->errors_user_max)
			r->errors_user_max = u->errors;
	}
	qsort(stalls, n, sizeof *stalls, by_size);
	r->stall_p50_ms = stalls[n / 2];
	r->stall_max_ms = stalls[n - 1];
	keep_longest(d);
	r->slots = (unsigned)((clock_mono_ns() - d->began_ns) / (DRILL_SLOT_MS * 1000000ull));
	if (r->slots > DRILL_SLOTS_MAX)
		r->slots = DRILL_SLOTS_MAX;
}

static enum err
work(struct drill *d, char *why)
{
	const struct drill_conf *c = d->conf;
	unsigned started = 0;

	d->began_ns = d->last_ack_ns = clock_mono_ns();
	d->end_ns = d->began_ns + c->seconds * 1000000000ull;
	for (unsigned i = 0; i < c->users; i++)
		started += pthread_create(&d->users[i].thread, NULL, user_main, &d->users[i]) == 0;
	if (c->fault != NULL) {
		until(d->began_ns + c->after_s * 1000000000ull);
		pthread_mutex_lock(&d->lock);
		d->fault_ns = clock_mono_ns();
		pthread_mutex_unlock(&d->lock);
		d->result->fault_exit = command(c->fault);
		d->result->fault_ms = (int64_t)(clock_mono_ns() - d->fault_ns) / 1000000;
		d->result->fault_late = clock_mono_ns() >= d->end_ns;
	}
	if (c->heal != NULL) {
		until(d->fault_ns + c->heal_after_s * 1000000000ull);
		d->result->heal_exit = command(c->heal);
	}
	for (unsigned i = 0; i < started; i++)
		pthread_join(d->users[i].thread, NULL);
	sum_up(d);
	if (started == c->users)
		return OK;
	snprintf(why, 200, "only %u of %u users could begin", started, c->users);
	return ERR_BUSY;
}

enum err
drill_run(const struct drill_conf *conf, struct drill_result *result, char *why)
{
	struct drill *d = calloc(1, sizeof *d);
	unsigned char random[4];
	enum err err = OK;
	unsigned opened = 0;

	if (d == NULL)
		return ERR_BUSY;
	*result = (struct drill_result){ 0 };
	d->conf = conf;
	d->result = result;
	pthread_mutex_init(&d->lock, NULL);
	random_bytes(random, sizeof random);
	hex_print(random, sizeof random, d->run);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	while (opened < conf->users && user_open(d, opened))
		opened++;
	if (opened < conf->users)
		err = ERR_BUSY;
	if (err == OK)
		err = work(d, why);
	if (err == OK)
		err = compare(d, why);
	for (unsigned i = 0; i < opened; i++)
		user_close(&d->users[i]);
	pthread_mutex_destroy(&d->lock);
	free(d);
	return err;
}

void
drill_json(const struct drill_conf *c, const struct drill_result *r, struct buf *b)
{
	buf_printf(b,
	        "{\"scenario\":\"%s\",\"users\":%u,\"seconds\":%u,\"acknowledged\":%lld,\"gapMs\":%lld,"
	        "\"gapAtMs\":%lld,"
	        "\"lost\":%lld,\"duplicated\":%lld,\"stale\":%lld,\"unfinished\":%lld,\"errors\":%lld,"
	        "\"errorsUserMax\":%lld,\"usersWithErrors\":%u,\"stallP50Ms\":%lld,\"stallMaxMs\":%lld,"
	        "\"faultMs\":%lld,\"faultLate\":%s,\"faultAfterS\":%u,\"slotMs\":%d,\"statuses\":{",
	        c->scenario, c->users, c->seconds, (long long)r->acked, (long long)r->gap_ms,
	        (long long)r->gap_at_ms, (long long)r->lost, (long long)r->duplicated, (long long)r->stale,
	        (long long)r->unfinished, (long long)r->errors, (long long)r->errors_user_max,
	        r->users_with_errors, (long long)r->stall_p50_ms, (long long)r->stall_max_ms,
	        (long long)r->fault_ms, r->fault_late ? "true" : "false", c->after_s, DRILL_SLOT_MS);
	for (int i = 0, first = 1; i < 600; i++)
		if (r->statuses[i] > 0) {
			buf_printf(b, "%s\"%d\":%lld", first ? "" : ",", i, (long long)r->statuses[i]);
			first = 0;
		}
	buf_printf(b, "},\"longestTries\":%u,\"longest\":[", r->longest_tries);
	for (unsigned i = 0; i < r->longest_tries && i < DRILL_TRIES_KEPT; i++)
		buf_printf(b, "%s{\"status\":%d,\"ms\":%lld}", i ? "," : "", r->longest[i].status,
		        (long long)r->longest[i].ms);
	buf_text(b, "],\"acknowledgedIn\":[");
	for (unsigned i = 0; i < r->slots; i++)
		buf_printf(b, "%s%u", i ? "," : "", r->acked_in[i]);
	buf_text(b, "]}\n");
}
