/* load.c - many clients from one thread: load PORT SECONDS CLIENTS FILE [RATE]
 *
 * Without RATE each client sends a request of FILE, waits for its whole answer and sends
 * the next at once: who is slow is asked less.  With RATE requests come due that many a
 * second whatever the server does, and each goes out on a connection that has none under
 * way; one that finds all of them busy waits for the first to be free.  FILE holds requests as
 *     CLASS WEIGHT LENGTH\n and LENGTH bytes of HTTP/1.1
 * and one is drawn by weight each time.  On stdout a JSON object: how many came due, how many
 * were sent, and for each class the answers by status, and how long the served (below 500) and
 * the refused ones took in microseconds, counted from when the request came due.  A connection
 * that ends is counted as broken and opened anew. */
#include "base/base.h"
#include "sys/crypto.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	CLASSES_MAX = 8,
	REQUESTS_MAX = 4096,
	STATUSES = 600,
	STEP_US = 20,
	STEPS = 500000, /* to 10 s */
	HEAD_MAX = 8192,
	EVENTS = 512,
};

struct class
{
	char name[16];
	uint64_t by_status[STATUSES], broken;
	uint32_t *took[2]; /* served, refused */
	uint64_t count[2], max_us[2];
};

struct request {
	struct class *class;
	unsigned weight;
	char *bytes;
	size_t n;
};

struct client {
	int fd;
	const struct request *request;
	size_t sent, head_n, body_left;
	uint64_t began_ns;
	int status;
	bool busy, closes;
	struct client *next_idle;
	char head[HEAD_MAX];
};

static struct class classes[CLASSES_MAX];
static struct request requests[REQUESTS_MAX];
static unsigned class_count, request_count, weights, client_count;
static struct client *clients;
static struct sockaddr_in address;
static int epoll;
static uint64_t rate, due, sent_total, began_ns;
static struct client *idle_first, **idle_last = &idle_first; /* with a rate: the longest idle is next */

static void
die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerrordesc_np(errno));
	exit(1);
}

static void *
memory(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		die("memory");
	return p;
}

/* ---- the file */

static struct class *
class_of(const char *name)
{
	for (unsigned i = 0; i < class_count; i++)
		if (strcmp(classes[i].name, name) == 0)
			return &classes[i];
	if (class_count == CLASSES_MAX)
		die("too many classes");
	struct class *c = &classes[class_count++];
	snprintf(c->name, sizeof c->name, "%s", name);
	for (int i = 0; i < 2; i++)
		c->took[i] = memory(STEPS + 1, sizeof *c->took[i]);
	return c;
}

static int64_t
number(FILE *f)
{
	char word[24];
	size_t n = 0;
	int c;
	int64_t v;

	while ((c = getc(f)) != ' ' && c != '\n' && c != EOF && n < sizeof word)
		word[n++] = (char)c;
	if (!str_int((struct str){ word, n }, &v) || v < 0)
		die("a number in the file");
	return v;
}

static bool
read_request(FILE *f)
{
	char name[16];
	size_t n = 0;
	int c;

	while ((c = getc(f)) != ' ' && c != EOF && n + 1 < sizeof name)
		name[n++] = (char)c;
	if (c == EOF)
		return false;
	name[n] = 0;
	if (request_count == REQUESTS_MAX)
		die("too many requests");
	struct request *r = &requests[request_count++];
	r->class = class_of(name);
	r->weight = (unsigned)number(f);
	r->n = (size_t)number(f);
	r->bytes = memory(r->n + 1, 1);
	if (fread(r->bytes, 1, r->n, f) != r->n)
		die("a request that ends early");
	weights += r->weight;
	return true;
}

static const struct request *
draw(void)
{
	static uint64_t state = 88172645463325252u;
	uint64_t at;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	at = state % weights;
	for (const struct request *r = requests;; r++) {
		if (at < r->weight)
			return r;
		at -= r->weight;
	}
}

/* ---- a client */

static void
dial(struct client *c)
{
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		die("socket");
	if (connect(c->fd, (const struct sockaddr *)&address, sizeof address) != 0)
		die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &e) != 0)
		die("epoll");
}

/* From when it is due its time is counted. */
static void
begin(struct client *c, uint64_t due_ns)
{
	c->request = draw();
	c->busy = true;
	c->head_n = c->body_left = 0;
	c->status = 0;
	c->closes = false;
	c->began_ns = due_ns;
	sent_total++;
	/* Requests are small beside a socket's buffer: they go out in one piece. */
	if (send(c->fd, c->request->bytes, c->request->n, MSG_NOSIGNAL) != (ssize_t)c->request->n)
		c->closes = true; /* the end will be read */
}

static void
set_idle(struct client *c)
{
	c->busy = false;
	if (rate == 0)
		return;
	c->next_idle = NULL;
	*idle_last = c;
	idle_last = &c->next_idle;
}

static struct client *
take_idle(void)
{
	struct client *c = idle_first;

	if (c != NULL && (idle_first = c->next_idle) == NULL)
		idle_last = &idle_first;
	return c;
}

static void
redial(struct client *c)
{
	close(c->fd);
	dial(c);
}

static void
note(struct client *c)
{
	struct class *k = c->request->class;
	uint64_t us = (clock_mono_ns() - c->began_ns) / 1000;
	int refused = c->status >= 500;

	k->by_status[c->status]++;
	k->took[refused][us / STEP_US < STEPS ? us / STEP_US : STEPS]++;
	k->count[refused]++;
	if (us > k->max_us[refused])
		k->max_us[refused] = us;
}

static bool
read_head(struct client *c)
{
	char *end;
	int64_t v;

	c->head[c->head_n] = 0;
	end = strstr(c->head, "\r\n\r\n");
	if (end == NULL)
		return false;
	if (!str_int((struct str){ c->head + 9, 3 }, &v) || v < 100 || v >= STATUSES)
		die("an answer without a status");
	c->status = (int)v;
	const char *length = strcasestr(c->head, "content-length: ");
	v = 0;
	if (length && length < end) {
		length += strlen("content-length: ");
		if (!str_int((struct str){ length, strspn(length, "0123456789") }, &v))
			die("an answer without a length");
	}
	const char *close_said = strcasestr(c->head, "connection: close");
	c->closes = close_said && close_said < end;
	size_t body_come = c->head_n - (size_t)(end + 4 - c->head);
	c->body_left = (size_t)v - body_come;
	return true;
}

static void
receive(struct client *c)
{
	static char scratch[1 << 16];
	bool head = c->status == 0;
	ssize_t n = head ? recv(c->fd, c->head + c->head_n, HEAD_MAX - 1 - c->head_n, MSG_DONTWAIT)
	                 : recv(c->fd, scratch, sizeof scratch, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		redial(c);
		if (c->busy) { /* an idle one keeps its place in the line */
			c->request->class->broken++;
			set_idle(c);
		}
		return;
	}
	if (head) {
		c->head_n += (size_t)n;
		if (!read_head(c))
			return;
	} else {
		c->body_left -= (size_t)n;
	}
	if (c->body_left == 0) {
		note(c);
		if (c->closes)
			redial(c);
		set_idle(c);
	}
}

/* ---- all of them */

/* At once, or when its turn has come. */
static void
begin_those_due(uint64_t now_ns)
{
	struct client *c;

	if (rate == 0) {
		for (unsigned i = 0; i < client_count; i++)
			if (!clients[i].busy)
				begin(&clients[i], now_ns);
		return;
	}
	due = (uint64_t)((double)(now_ns - began_ns) / 1e9 * (double)rate);
	while (sent_total < due && (c = take_idle()) != NULL)
		begin(c, began_ns + (uint64_t)((double)(sent_total + 1) / (double)rate * 1e9));
}

static void
run(uint64_t seconds)
{
	struct epoll_event events[EVENTS];
	uint64_t now_ns = began_ns = clock_mono_ns();

	while (now_ns < began_ns + seconds * 1000000000) {
		begin_those_due(now_ns);
		int n = epoll_wait(epoll, events, EVENTS, rate ? 1 : 100);

		for (int i = 0; i < n; i++) {
			struct client *c = events[i].data.ptr;

			receive(c);
			if (rate == 0 && !c->busy)
				begin(c, clock_mono_ns());
		}
		now_ns = clock_mono_ns();
	}
}

static uint64_t
quantile(const struct class *c, int kind, double part)
{
	uint64_t seen = 0, wanted = (uint64_t)((double)c->count[kind] * part);

	for (uint64_t i = 0; i <= STEPS; i++)
		if ((seen += c->took[kind][i]) > wanted)
			return i * STEP_US;
	return 0;
}

static void
print_class(const struct class *c)
{
	static const char *const kinds[] = { "served", "refused" };
	const char *comma = "";

	printf("\"%s\": {\"broken\": %llu, \"status\": {", c->name, (unsigned long long)c->broken);
	for (int s = 0; s < STATUSES; s++)
		if (c->by_status[s] > 0) {
			printf("%s\"%d\": %llu", comma, s, (unsigned long long)c->by_status[s]);
			comma = ", ";
		}
	printf("}");
	for (int k = 0; k < 2; k++)
		printf(", \"%s\": {\"count\": %llu, \"p50_us\": %llu, \"p99_us\": %llu, \"max_us\": %llu}",
		        kinds[k], (unsigned long long)c->count[k], (unsigned long long)quantile(c, k, 0.5),
		        (unsigned long long)quantile(c, k, 0.99), (unsigned long long)c->max_us[k]);
	printf("}");
}

int
main(int argc, char **argv)
{
	int64_t port, seconds, count, per_second = 0;

	if (argc < 5 || !str_int(str_of(argv[1]), &port) || !str_int(str_of(argv[2]), &seconds) ||
	        !str_int(str_of(argv[3]), &count) || count < 1 ||
	        (argc > 5 && !str_int(str_of(argv[5]), &per_second))) {
		fprintf(stderr, "usage: load PORT SECONDS CLIENTS FILE [RATE]\n");
		return 2;
	}
	FILE *f = fopen(argv[4], "rb");
	if (f == NULL)
		die(argv[4]);
	while (read_request(f))
		;
	fclose(f);
	if (weights == 0)
		die("no request");
	rate = (uint64_t)per_second;
	address = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	client_count = (unsigned)count;
	clients = memory(client_count, sizeof *clients);
	for (unsigned i = 0; i < client_count; i++) {
		dial(&clients[i]);
		set_idle(&clients[i]);
	}
	run((uint64_t)seconds);
	printf("{\"seconds\": %lld, \"due\": %llu, \"sent\": %llu, \"classes\": {", (long long)seconds,
	        (unsigned long long)(rate ? due : sent_total), (unsigned long long)sent_total);
	for (unsigned i = 0; i < class_count; i++) {
		printf("%s", i ? ", " : "");
		print_class(&classes[i]);
	}
	printf("}}\n");
	return 0;
}
