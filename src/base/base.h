/* base.h - the few types every file may use: errors, text, ids, time, the
 * request's context.  Knows libc only. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Every failure the program can report; the rows say what a client is told. */
enum err {
	OK = 0,
#define ERR(name, ...) ERR_##name,
#include "base/errors.def"
#undef ERR
	ERR__MAX
};

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define COUNT(a) (sizeof(a) / sizeof *(a))
/* As it stands on what is printed or exported: who made this (SBIS NGS1.01). */
#define PROGRAM "Plantão " PLANTAO_VERSION

/* The one macro that hides a return.  Safe anywhere because memory belongs to
 * the arena and the transaction to the caller: there is nothing to undo. */
#define TRY(expr)                                                                                            \
	do {                                                                                                 \
		enum err try_err = (expr);                                                                   \
		if (try_err != OK)                                                                           \
			return try_err;                                                                      \
	} while (0)

/* Text is not zero terminated; p == NULL is "absent" (SQL and JSON null). */
struct str {
	const char *p;
	size_t n;
};
/* UUIDv7 for what is stored; all zero is "absent". */
struct id {
	unsigned char b[16];
};
/* Milliseconds since 1970-01-01 UTC; 0 is "absent". */
struct instant {
	int64_t ms;
};
/* A calendar day without a zone; year 0 is "absent". */
struct date {
	int16_t year;
	uint8_t month, day;
};
/* Bytes that are neither text nor an id; p == NULL is "absent". */
struct blob {
	const unsigned char *p;
	size_t n;
};
/* A number that may be absent. */
struct opt_int {
	int64_t v;
	bool set;
};
/* count structs of one type, one after another; the field row's .of says which. */
struct list {
	void *items;
	size_t count;
};

#define STR(lit) ((struct str){ (lit), sizeof(lit) - 1 })
#define STR_FMT(s) (int)(s).n, (s).p /* for "%.*s" */

struct arena;
struct tx;

/* How far the one who asks may reach inside the tenant; zero reaches nothing.
 * The SQL door binds it as :reach, so a statement marked "care" filters by it. */
enum reach {
	REACH_NOTHING = 0,
	REACH_SELF,   /* the patient whose account it is */
	REACH_CARE,   /* patients in care of the actor, or opened by break-glass */
	REACH_TENANT, /* every patient of the tenant */
};

/* One refused field of a request; the spine sends them all at once. */
struct invalid {
	const char *field; /* the JSON name, e.g. "diagnosis" or "items[3].dose" */
	const char *code;  /* a row of invalid.def */
	struct invalid *next;
};

/* Who is asking, for which tenant, in which transaction, with which memory.
 * Made by the spine (or a command); features only read it. */
struct ctx {
	struct arena *arena;
	struct tx *tx;
	struct id tenant;
	struct id actor;   /* the user; absent before login */
	struct id patient; /* the actor's own patient row, when the role is PATIENT */
	int role;          /* enum role of http/perms.h; 0 is nobody */
	enum reach reach;
	/* While a request only reads: who asks sees no more than this, so sealed fields that it hides are
	 * not opened at all. NULL: everything is opened. */
	const struct mask *mask;
	struct instant now; /* one instant for the whole request */
	unsigned written;   /* the door's: writing statements so far */
	struct invalid *invalid;
	char why[200]; /* detail of the last failure; log only, never sent */
};

/* Notes why and returns err: `return fail(ctx, ERR_STALE, "version %d", v);`
 * Never put personal data into the text: it is logged. */
enum err fail(struct ctx *, enum err, const char *fmt, ...) PRINTF(3, 4) MUST_CHECK;
/* Adds one refused field and returns ERR_INVALID.  Callers that check several
 * fields collect: `bad |= invalid(ctx, ...) != OK`. Field and code must be static or in the arena. */
enum err invalid(struct ctx *, const char *field, const char *code);

/* ---- arena: memory that dies with the request.  Sizes a client can influence
 * go through arena_take and may fail; NEW is for fixed sizes, draws on a
 * reserve and aborts only in a program with an unbounded loop. */
struct arena *arena_new(size_t ceiling); /* NULL when there is no memory */
void arena_reset(struct arena *);        /* keeps the first chunk */
/* Since the last reset something was refused because the machine had no memory, not because of the ceiling.
 */
bool arena_starved(const struct arena *);
void arena_free(struct arena *); /* NULL is fine */
void *arena_take(struct arena *, size_t) __attribute__((malloc)) MUST_CHECK;
void *arena_fixed(struct arena *, size_t) __attribute__((malloc, returns_nonnull));
size_t arena_used(const struct arena *);
#define NEW(ctx, T) ((T *)arena_fixed((ctx)->arena, sizeof(T)))
#define NEW_ARRAY(ctx, T, n) ((T *)arena_take_array((ctx)->arena, sizeof(T), (n)))
void *arena_take_array(struct arena *, size_t size, size_t n) MUST_CHECK; /* zeroed; NULL when too large */
/* A copy of n bytes, with a 0 behind; p == NULL when there is no room. */
struct str arena_str(struct arena *, struct str) MUST_CHECK;
/* printf into the arena; "" never NULL: fixed text with bounded arguments only. */
const char *arena_printf(struct arena *, const char *fmt, ...) PRINTF(2, 3);

/* ---- text */
static inline struct str
str_of(const char *z)
{
	return (struct str){ z, z ? strlen(z) : 0 };
}
static inline bool
str_is_set(struct str s)
{
	return s.p != NULL;
}
bool str_eq(struct str, struct str);
bool str_is(struct str, const char *z);
bool str_starts(struct str, const char *z);
/* Takes the part before the next sep off rest, with it; false: nothing is left. A part may be empty. */
bool str_part(struct str *rest, char sep, struct str *part) MUST_CHECK;
struct str str_trim(struct str);
enum { INT_TEXT = 20 };
struct str int_text(int64_t, char room[static INT_TEXT]); /* decimal; rests in room, without an end */
bool str_int(struct str, int64_t *out) MUST_CHECK;        /* whole text, decimal, optional sign, no blanks */
bool utf8_valid(const char *, size_t n);                  /* no surrogates, no overlong forms, no NUL */
size_t utf8_length(struct str);                           /* code points of valid UTF-8 */

/* ---- ids */
static inline bool
id_is_set(struct id a)
{
	const struct id none = { { 0 } };

	return memcmp(a.b, none.b, sizeof a.b) != 0;
}
static inline int
id_cmp(struct id a, struct id b)
{
	return memcmp(a.b, b.b, sizeof a.b);
}
static inline bool
id_eq(struct id a, struct id b)
{
	return id_cmp(a, b) == 0;
}
enum { ID_TEXT = 36 };
void id_print(struct id, char out[static ID_TEXT + 1]);
bool id_parse(struct str, struct id *out) MUST_CHECK; /* 8-4-4-4-12, either case */

/* ---- time */
enum { INSTANT_TEXT = 24, DATE_TEXT = 10 };
void instant_print(struct instant, char out[static INSTANT_TEXT + 1]); /* 2026-11-30T12:34:56.789Z */
bool instant_parse(struct str, struct instant *out) MUST_CHECK;        /* RFC 3339 with an offset */
void date_print(struct date, char out[static DATE_TEXT + 1]);          /* 2026-11-30 */
bool date_parse(struct str, struct date *out) MUST_CHECK;              /* a day that exists */
static inline bool
date_is_set(struct date d)
{
	return d.year != 0;
}
int date_cmp(struct date, struct date);
int64_t date_days(struct date); /* days since 1970-01-01 */
struct date date_from_days(int64_t);
struct date date_add_months(struct date, int months); /* the month's last day when the day is missing */
struct date instant_date(struct instant); /* the day in Brasília time (UTC-3, no DST since 2019) */

#endif
