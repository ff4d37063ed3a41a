/* log.h - JSON lines on stderr, one per event of events.def.  Fields are typed
 * and named; there is no free text from users, so no personal data: put ids,
 * codes, counts, errno.  A thread's request id is added by itself. */
#ifndef SYS_LOG_H
#define SYS_LOG_H

#include "base/base.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_event {
	LOG_EVENT_UNSET = 0,
#define EVENT(name, ...) EV_##name,
#include "sys/events.def"
#undef EVENT
	EV__MAX
};

void log_init(enum log_level, bool json);
void log_request(const char *request_id); /* this thread's; NULL clears */
/* log_event(EV_STOPPED);
 * log_event(EV_STARTED, { "port", LOG_I(port) }, { "engine", LOG_S("sqlite") }); */
struct log_value {
	char kind;
	int64_t i;
	const char *s;
};
#define LOG_I(v) ((struct log_value){ 'i', (int64_t)(v), NULL })
#define LOG_S(v) ((struct log_value){ 's', 0, (v) }) /* NULL is null; cut after 400 bytes */
struct log_field {
	const char *name;
	struct log_value value;
};
#define log_event(event, ...)                                                                                \
	log_write((event), sizeof((struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field),           \
	        (struct log_field[]){ __VA_ARGS__ })
void log_write(enum log_event, size_t count, const struct log_field *);

#endif
