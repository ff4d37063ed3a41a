/* words.h - FHIR's data types as readable text, driven by rows: which member of a
 * resource, in which form, under which label. */
#ifndef FEATURES_FHIR_WORDS_H
#define FEATURES_FHIR_WORDS_H

#include "features/fhir/set.h"

enum fhir_form {
	FORM_UNSET = 0,
	FORM_TEXT,   /* string, code, uri, number, boolean, as it stands */
	FORM_LINES,  /* markdown and annotations: line breaks are kept */
	FORM_STATUS, /* a code of FHIR's own value sets, translated; code or CodeableConcept */
	FORM_CODE,   /* CodeableConcept or Coding, with system and code */
	FORM_DATE,   /* date, dateTime, instant, time */
	FORM_PERIOD,
	FORM_QUANTITY, /* also Age, Duration, Money, SimpleQuantity */
	FORM_RANGE,
	FORM_RATIO,
	FORM_SAMPLES, /* SampledData: how many, not which */
	FORM_TIMING,
	FORM_REF,  /* display, or the name of what it leads to */
	FORM_NOTE, /* Annotation */
	FORM_NAME, /* HumanName */
	FORM_ADDRESS,
	FORM_CONTACT, /* ContactPoint */
	FORM_IDENTIFIER,
	FORM_ATTACHMENT,
	FORM_NARRATIVE,  /* XHTML div without its tags */
	FORM_FLAG,       /* the label alone, when true */
	FORM_GROUP,      /* a part of its own: .of */
	FORM_EXTENSIONS, /* name: value of each extension that has a value */
	FORM_MODIFIERS,  /* modifierExtension: named, with a warning */
	FORM__MAX
};

/* path: members joined by '.', lists are walked by themselves; a last "x[x]" takes
 * whichever of FHIR's choices is there and its form from the choice's type. */
struct fhir_part {
	const char *path;
	enum fhir_form form;
	const char *label; /* NULL: part of the head; "": follows a colon; else "label: value" */
	const struct fhir_part *of;
	size_t of_count;
};

struct fhir_words {
	struct buf *out;
	const struct fhir_set *set;
	const struct json_node *resource; /* whose contained resources "#id" means */
	struct fhir_tally *tally;
	const char *kind;
	unsigned depth; /* of groups; also ends chains of references */
};

void fhir_write_parts(struct fhir_words *, const struct json_node *, const struct fhir_part *, size_t count);
/* One value in one form; label only for FORM_FLAG. */
void fhir_write_form(struct fhir_words *, enum fhir_form, const struct json_node *, const struct fhir_part *);
/* What a person would call this resource: its code, name or title. */
void fhir_write_label(struct fhir_words *, const struct json_node *resource);

/* Calls fn for each value a path leads to. */
typedef void fhir_walk_fn(void *arg, enum fhir_form, const struct json_node *);
void fhir_walk(const struct json_node *, const char *path, enum fhir_form, fhir_walk_fn *, void *arg);
/* The first value of a path; NULL when there is none. */
const struct json_node *fhir_first(const struct json_node *, const char *path);
/* The first code of a CodeableConcept, Coding or code. */
struct str fhir_code(const struct json_node *);

/* date, dateTime or instant, whole or partial; *whole: has year, month and day. */
bool fhir_date(struct str, struct date *, bool *whole);
struct instant fhir_instant(struct str); /* 0 when it is not one */
/* Text without control characters and with single blanks, into out. */
void fhir_write_clean(struct buf *out, struct str, bool keep_lines);
/* "1950-12-25T09:21:52+00:00" -> "25/12/1950 09:21 (UTC)" */
void fhir_write_date(struct buf *out, struct str);
/* A code of FHIR's own value sets in Portuguese, anything else as fhir_write_concept. */
void fhir_write_status(struct buf *out, const struct json_node *);
/* A CodeableConcept or Coding: what it says, then the codes in brackets. */
void fhir_write_concept(struct buf *out, const struct json_node *);
void fhir_write_number(struct buf *out, const struct json_node *);
void fhir_write_quantity(struct buf *out, const struct json_node *);
void fhir_write_pair(
        struct buf *out, const struct json_node *, const char *between, const struct json_node *);
void fhir_write_period(struct buf *out, const struct json_node *);
void fhir_write_repeat(struct buf *out, const struct json_node *timing_repeat);
void fhir_write_narrative(struct buf *out, struct str html);
/* titled: with its prefix ("Dra."). */
void fhir_write_name(struct buf *out, const struct json_node *human_name, bool titled);
void fhir_write_address(struct buf *out, const struct json_node *);

#endif
