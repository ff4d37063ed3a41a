/* protocol.h - the national hanseníase protocol as rows: what is given to whom,
 * how much, how often, for how long, and where that stands written.  The
 * calculators take every number from here.
 *
 * A version never changes: a correction is a new version with its own rows and
 * hash, and what was prescribed under the old one still shows the old rows.
 * No row has been signed by a physician or pharmacist yet: .review says so. */
#ifndef FEATURES_HANSEN_PROTOCOL_H
#define FEATURES_HANSEN_PROTOCOL_H

#include "features/calc/calc.h"

enum topic {
	TOPIC_UNSET = 0,
#define TOPIC(name, ...) TOPIC_##name,
#include "features/hansen/topics.def"
#undef TOPIC
	TOPIC__MAX
};

enum review { REVIEW_UNSET = 0, REVIEW_PENDING, REVIEW_APPROVED };

/* Texts that a row does not use are NULL, numbers 0. */
struct protocol_row {
	const char *id; /* same in all versions: "pqtu.adulto.rifampicina.mensal" */
	enum topic topic;
	const char *band;          /* weight band, class, reaction, indicator's band */
	const char *drug;          /* lower case, pt-BR */
	const char *give;          /* SUPERVISIONADA, AUTOADMINISTRADA, DIARIA */
	const char *amount, *unit; /* exact decimal and mg, mg/kg, kg, months, … */
	const char *ladder;        /* the bands of one ladder touch: no gap, no overlap */
	const char *from, *to;     /* of a band; to NULL: no upper end */
	bool from_open, to_open;   /* the edge itself belongs to the neighbour */
	const char *interval;      /* MENSAL, DIARIO, DIAS_ALTERNADOS, … */
	int count;                 /* supervised doses, or months of a phase */
	int window_months;
	int phase;             /* of a regimen with more than one, from 1 */
	const char *classes;   /* "PB", "MB"; NULL: both */
	const char *instead;   /* "minociclina 100 mg": may replace this drug */
	const char *condition; /* when it holds */
	const char *flag;      /* what it raises */
	const char *pt, *en;   /* for people */
	struct source source;
	struct date valid_from;
	enum review review;
};

struct protocol {
	const char *version; /* "PCDT-2022.1" */
	struct date valid_from;
	const char *sha256; /* of all rows, pinned in the source: hex */
	const struct protocol_row *rows;
	size_t count;
};

/* Rows that calculators need. */
enum need {
	NEED_UNSET = 0,
#define NEED(name, ...) NEED_##name,
#include "features/hansen/needs.def"
#undef NEED
	NEED__MAX
};

/* ---- versions */
size_t protocol_count(void);
const struct protocol *protocol_at(size_t); /* oldest first; NULL behind the last */
const struct protocol *protocol_find(struct str version);
const struct protocol *protocol_current(void); /* the newest */

/* Complete, each row with source, date, review and both texts, ladders without gap or overlap, hash as
 * pinned. ERR_PROTOCOL_UNAVAILABLE: why (300 bytes). */
enum err protocol_check(const struct protocol *, char *why) MUST_CHECK;
/* Checks all versions and remembers the verdict, for the start and every hour after it. */
enum err protocol_verify(char *why) MUST_CHECK;
/* The remembered verdict; verifies by itself the first time.  version may be NULL. */
enum err protocol_ready(const char **version) MUST_CHECK;
enum { PROTOCOL_HASH_TEXT = 64 };
void protocol_hash(const struct protocol *, char hex[static PROTOCOL_HASH_TEXT + 1]);

/* ---- rows of the current version */
const struct protocol_row *protocol_need(enum need); /* never NULL once ready */
struct decimal protocol_number(enum need);           /* its amount */
const struct protocol_row *protocol_row(const struct protocol *, struct str id);
struct decimal protocol_amount(const struct protocol_row *);
/* The band of a ladder that holds the value; NULL when there is no such ladder or the value is below it. */
const struct protocol_row *protocol_band(const char *ladder, struct decimal value);
/* The i-th row of the topic for this band; NULL behind the last. band NULL: any. */
const struct protocol_row *protocol_next(enum topic, const char *band, size_t *i);
/* Every word of q (accents and case ignored) in id, drug, band, condition or texts; empty q matches all. */
bool protocol_row_matches(const struct protocol_row *, struct str q);

/* APPROVED only when every row is. */
enum review protocol_review(const struct protocol *);

const char *topic_name(enum topic);
const char *topic_pt(enum topic);
const char *topic_en(enum topic);
const char *review_name(enum review);
const char *confidence_name(enum confidence);

#endif
