/* log.c - one event, one line, one write(2): lines of several threads and
 * processes never mix (a pipe keeps up to 4096 bytes whole), and nothing is
 * held back in a buffer when the process is killed.  Memory is the stack's.
 * A line that cannot be written is lost and counted: logging never stops work. */
#include "sys/log.h"

#include "sys/crypto.h"
#include "sys/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_MAX = 4096, LINE_TAIL = 32, STRING_MAX = 400, REQUEST_MAX = 64 };

struct line {
	char p[LINE_MAX];
	size_t n;
	bool cut; /* a field found no room; the line says so and stays valid */
};

static const struct {
	const char *name;
	enum log_level level;
} events[] = {
#define DEBUG LOG_DEBUG
#define INFO LOG_INFO
#define WARN LOG_WARN
#define ERROR LOG_ERROR
#define EVENT(name, level, meaning) [EV_##name] = { #name, level },
#include "sys/events.def"
#undef EVENT
#undef DEBUG
#undef INFO
#undef WARN
#undef ERROR
};

static enum log_level least = LOG_INFO;
static bool as_json = true;
static __thread char request[REQUEST_MAX + 1];

void
log_init(enum log_level level, bool json)
{
	least = level;
	as_json = json;
}

void
log_request(const char *request_id)
{
	snprintf(request, sizeof request, "%s", request_id ? request_id : "");
}

static void
add(struct line *l, const char *text, size_t n)
{
	if (l->cut || n > LINE_MAX - LINE_TAIL - l->n) {
		l->cut = true;
		return;
	}
	memcpy(l->p + l->n, text, n);
	l->n += n;
}

static void
add_text(struct line *l, const char *z)
{
	add(l, z, strlen(z));
}

/* Bytes of the character at p, or 0 where there is no valid UTF-8. */
static size_t
char_size(const char *p, size_t left)
{
	unsigned char c = (unsigned char)*p;
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return n <= left && utf8_valid(p, n) ? n : 0;
}

/* Quotes, controls (also DEL and C1, which move a terminal's cursor) and broken
 * UTF-8 are escaped: no value can end its field or its line. */
static void
add_char(struct line *l, const char *p, size_t n)
{
	unsigned char c = (unsigned char)*p;
	char esc[8];

	if (n == 0)
		add_text(l, "\\ufffd");
	else if (c == '"' || c == '\\')
		add(l, (char[]){ '\\', (char)c }, 2);
	else if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)p[1] < 0xa0)) {
		snprintf(esc, sizeof esc, "\\u%04x", n == 2 ? (unsigned char)p[1] : c);
		add_text(l, esc);
	} else
		add(l, p, n);
}

static void
add_string(struct line *l, const char *z)
{
	if (z == NULL) {
		add_text(l, "null");
		return;
	}
	size_t left = strnlen(z, STRING_MAX + 1);
	bool more = left > STRING_MAX;

	add_text(l, "\"");
	for (left = more ? STRING_MAX : left; left > 0;) {
		size_t n = char_size(z, left);
		if (n == 0 && more && left < 4)
			break; /* a character that STRING_MAX has parted */
		add_char(l, z, n);
		z += n ? n : 1;
		left -= n ? n : 1;
	}
	add_text(l, more ? "…\"" : "\"");
}

static void
add_field(struct line *l, const char *name, struct log_value v)
{
	char number[24];
	size_t before = l->n;

	if (as_json) {
		add_text(l, ",\"");
		add_text(l, name);
		add_text(l, "\":");
	} else {
		add_text(l, " ");
		add_text(l, name);
		add_text(l, "=");
	}
	if (v.kind == 'i') {
		snprintf(number, sizeof number, "%lld", (long long)v.i);
		add_text(l, number);
	} else
		add_string(l, v.s);
	if (l->cut)
		l->n = before; /* whole fields only */
}

static void
add_lower(struct line *l, const char *name)
{
	for (; *name; name++)
		add(l, (char[]){ (char)(*name >= 'A' && *name <= 'Z' ? *name + 32 : *name) }, 1);
}

static void
add_head(struct line *l, enum log_event event)
{
	static const char *const json_levels[] = { "debug", "info", "warn", "error" };
	static const char *const text_levels[] = { "DEBUG ", "INFO  ", "WARN  ", "ERROR " };
	char time[INSTANT_TEXT + 1];

	instant_print(clock_now(), time);
	add_text(l, as_json ? "{\"time\":\"" : "");
	add_text(l, time);
	add_text(l, as_json ? "\",\"level\":\"" : " ");
	add_text(l, as_json ? json_levels[events[event].level] : text_levels[events[event].level]);
	add_text(l, as_json ? "\",\"event\":\"" : "");
	add_lower(l, events[event].name);
	add_text(l, as_json ? "\"" : "");
}

static void
line_write(const struct line *l)
{
	ssize_t n;

	do
		n = write(STDERR_FILENO, l->p, l->n);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)l->n)
		metric_add(M_LOG_LOST, 0, 1);
}

void
log_write(enum log_event event, size_t count, const struct log_field *fields)
{
	struct line l;
	int saved = errno;

	assert(event > LOG_EVENT_UNSET && event < EV__MAX);
	if (events[event].level < least)
		return;
	l.n = 0;
	l.cut = false;
	add_head(&l, event);
	if (request[0])
		add_field(&l, "requestId", LOG_S(request));
	for (size_t i = 0; i < count && !l.cut; i++)
		add_field(&l, fields[i].name, fields[i].value);
	const char *end = as_json ? (l.cut ? ",\"cut\":true}\n" : "}\n") : (l.cut ? " cut=true\n" : "\n");
	memcpy(l.p + l.n, end, strlen(end)); /* fits in LINE_TAIL */
	l.n += strlen(end);
	line_write(&l);
	errno = saved;
}
