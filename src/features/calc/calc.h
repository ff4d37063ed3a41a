/* calc.h - what a calculator is: a row that names its columns and its source,
 * and a function without I/O over exact decimals.  The same rows serve C, the
 * command line and HTTP.
 *
 * A case the source does not cover is REFUSED, an input that cannot be read is
 * INVALID: both are answers, with flags that say why; neither carries a result. */
#ifndef FEATURES_CALC_CALC_H
#define FEATURES_CALC_CALC_H

#include "base/decimal.h"
#include "features/calc/holidays.h"

enum {
	CALC_IN_MAX = 12,
	CALC_OUT_MAX = 12,
	CALC_FLAGS_MAX = 16,
	CALC_STEPS_MAX = 24,
	CALC_CITED_MAX = 8,
	CALC_LIST_MAX = 64
};

enum confidence { CONFIDENCE_UNSET = 0, CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };

/* Where a rule stands, so that who doubts can look it up. */
struct source {
	const char *document, *section, *page; /* page may be NULL: a law has none */
	enum confidence confidence;            /* that the rule is read right and still in force */
};

enum calc_flag {
	FLAG_UNSET = 0,
#define FLAG(code, ...) FLAG_##code,
#include "features/calc/flags.def"
#undef FLAG
	FLAG__MAX
};

enum calc_kind {
	CALC_UNSET = 0,
	CALC_TEXT,    /* as it came, any bytes; the calculator judges it */
	CALC_CHOICE,  /* one of .one_of, either case */
	CALC_INT,     /* .min to .max */
	CALC_DECIMAL, /* .min to .max, at most .places digits behind the point */
	CALC_WEIGHT,  /* kg; also with a decimal comma; refuses what looks like another unit */
	CALC_YESNO,   /* 1 or 0 (true, false, sim, nao) */
	CALC_DATE,    /* 2026-11-30, years 1900 to 2200 */
	CALC_LIST,    /* whole numbers .min to .max between blanks */
	CALC_KIND__MAX
};

struct calc_column {
	const char *name; /* in CSV; JSON has camelCase, results without "expected_" */
	enum calc_kind kind;
	bool optional; /* may be blank, or missing altogether */
	int64_t min, max;
	uint8_t places;
	const char *unit;
	const char *const *one_of; /* NULL-terminated */
	const char *const
	        *also; /* other names it is known by on input: a patient's age must not be overlooked */
	const char *pt, *en;
};
#define CHOICES(...) ((const char *const[]){ __VA_ARGS__, NULL })

struct calc_value {
	bool set;
	struct str text;
	struct decimal number; /* DECIMAL, WEIGHT */
	int64_t whole;         /* INT, YESNO; CHOICE: index into one_of */
	struct date date;
	const int64_t *items; /* LIST */
	size_t count;
};

enum calc_status { CALC_STATUS_UNSET = 0, CALC_ANSWERED, CALC_REFUSED, CALC_INVALID };

struct calc_flagged {
	enum calc_flag code;
	const char *column; /* NULL, or the input it is about */
};

/* One computation: inputs, then what was found. */
struct calc {
	const struct calculator *def;
	struct arena *arena;
	struct calc_value in[CALC_IN_MAX];
	enum calc_status status;
	const char *out[CALC_OUT_MAX]; /* texts, "" where not applicable; in the arena or static */
	struct calc_flagged flags[CALC_FLAGS_MAX];
	const char *steps[CALC_STEPS_MAX]; /* how it was computed, pt-BR */
	const struct source *cited[CALC_CITED_MAX];
	size_t flag_count, step_count, cited_count;
	const char *note;    /* a word on the result for a note column, English; "" */
	const char *version; /* of the protocol, or "" where none is used */
	bool full;           /* a text found no room in the arena */
};

typedef void calc_fn(struct calc *);

struct calculator {
	const char *name;
	calc_fn *run;
	const struct calc_column *in, *out;
	size_t in_count, out_count;
	size_t verdict;              /* the result column that carries the flags when there is no result */
	bool flags_column;           /* ... and also when there is one */
	bool notes;                  /* its CSV has a note column */
	bool clinical;               /* a refusal asks for a professional */
	const struct source *source; /* cited by every answer */
	/* NULL, or what must hold before it may run: OK, ERR_PROTOCOL_UNAVAILABLE. */
	enum err (*ready)(const char **version);
	const char *pt, *en;
};
#define COLUMNS(in_, out_) .in = (in_), .out = (out_), .in_count = COUNT(in_), .out_count = COUNT(out_)

struct calc_table {
	const struct calculator *rows;
	size_t count;
};

/* ---- for who asks */
const struct calculator *calc_find(struct str name); /* NULL when there is none */
const struct calculator *calc_at(size_t i);          /* in order of name; NULL behind the last */
size_t calc_place(const struct calculator *);        /* its i for calc_at */
/* inputs: one text per input column; absent or blank is "not given".  OK also when refused or invalid;
 * else nothing may be shown: ERR_PROTOCOL_UNAVAILABLE, ERR_CALCULATION (the self-test found this
 * calculator wrong), ERR_TOO_LARGE (arena full). */
enum err calc_run(
        const struct calculator *, struct arena *, const struct str *inputs, struct calc *out) MUST_CHECK;
/* The answer to inputs that could not even be told apart: INVALID with this flag. */
void calc_reject(const struct calculator *, struct arena *, enum calc_flag, struct calc *out);
/* The codes of the answer between '|', "" when there are none. A refusal begins with its status. */
const char *calc_flags_text(struct calc *);
/* "ENTRADA_AUSENTE:weight_kg" */
const char *calc_flag_code(struct calc *, struct calc_flagged);
const char *calc_flag_pt(enum calc_flag);
const char *calc_flag_en(enum calc_flag);
const char *calc_status_name(enum calc_status);
const char *calc_kind_name(enum calc_kind);
/* A column's name in JSON: camelCase without "expected_"; one with capitals of its own (cUF) stays.
 * "expected" alone is "verdict".  In the arena or static. */
const char *calc_json_name(struct arena *, const struct calc_column *);
/* By its name or one of .also. */
bool calc_column_is(const struct calc_column *, struct str name);
/* "document, section, p. N" */
const char *calc_source_text(struct calc *, const struct source *);
/* All sources of the answer between "; ". */
const char *calc_sources_text(struct calc *);
/* NULL, or what is wrong with the rows of all tables. */
const char *calc_check(void);

/* Runs the golden cases compiled in from tests/data/vectors; a calculator that differs stops answering until
 * a later test passes.  ERR_CALCULATION: why (300 bytes) is the first difference; holds no personal data. */
enum err calc_self_test(char *why) MUST_CHECK;
enum err calc_self_test_of(const struct calculator *, char *why) MUST_CHECK;

/* ---- for calculators */
void calc_flag(struct calc *, enum calc_flag);
/* No result: the case is not covered.  The caller returns. */
void calc_refuse(struct calc *, enum calc_flag);
/* No result: an input is wrong.  column may be NULL. */
void calc_invalid(struct calc *, enum calc_flag, const char *column);
void calc_step(struct calc *, const char *fmt, ...) PRINTF(2, 3);
void calc_cite(struct calc *, const struct source *);
const char *calc_printf(struct calc *, const char *fmt, ...) PRINTF(2, 3);
void calc_text(struct calc *, size_t out, const char *);
void calc_int(struct calc *, size_t out, int64_t);
void calc_date(struct calc *, size_t out, struct date);
/* Rounded half up to so many places. */
void calc_rounded(struct calc *, size_t out, struct decimal, uint8_t places);
/* Never rounded: at least so many places, more when the number has them. */
void calc_exact(struct calc *, size_t out, struct decimal, uint8_t places);
const char *calc_number(struct calc *, struct decimal); /* exact, shortest: "29.9" */
/* The row's limits keep these inside 64 bits; a false from decimal is a bug and aborts. */
struct decimal calc_times(struct decimal, struct decimal);
struct decimal calc_plus(struct decimal, struct decimal);
struct decimal calc_over(struct decimal, struct decimal, uint8_t places);

#endif
