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
void log_request(const char *request_id);   /* this thread's; NULL clears */
/* log_event(EV_STARTED, "port", LOG_I(port), "engine", LOG_S("sqlite"), NULL) */
struct log_value { char kind; int64_t i; const char *s; };
#define LOG_I(v) ((struct log_value){ 'i', (int64_t)(v), NULL })
#define LOG_S(v) ((struct log_value){ 's', 0, (v) })
void log_write(enum log_event, size_t pairs, const char *const *names, const struct log_value *values);
/* Convenience for the common shapes. */
void log0(enum log_event);
void log1(enum log_event, const char *n1, struct log_value v1);
void log2(enum log_event, const char *n1, struct log_value v1, const char *n2, struct log_value v2);
void log3(enum log_event, const char *n1, struct log_value v1, const char *n2, struct log_value v2,
	  const char *n3, struct log_value v3);

#endif
