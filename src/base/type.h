/* type.h - self-description: one row per struct member.  The JSON reader and
 * writer, validation, the mask, the SQL binder, sealing, OpenAPI, the LGPD data
 * dictionary and the fuzz dictionary all walk these rows. */
#ifndef BASE_TYPE_H
#define BASE_TYPE_H

#include "base/base.h"

enum kind {
	KIND_UNSET = 0,
	KIND_ID,
	KIND_TEXT,    /* struct str */
	KIND_INT,     /* int64_t */
	KIND_OPT_INT, /* struct opt_int */
	KIND_BOOL,
	KIND_TIME,   /* struct instant */
	KIND_DATE,   /* struct date */
	KIND_BLOB,   /* struct blob; never in JSON */
	KIND_LIST,   /* struct list of .of */
	KIND_OBJECT, /* pointer to a struct of .of; NULL is null */
	KIND_JSON,   /* struct str holding JSON text already made (FIELD_JSON) */
	KIND__MAX
};

/* How much it hurts when it leaks; decides the mask.  A row without one does
 * not compile into a route's type: type_check refuses SENS_UNSET. */
enum sens {
	SENS_UNSET = 0,
	SENS_PLAIN,    /* ids, versions, times, codes of the program */
	SENS_IDENTITY, /* names, CPF, CNS, contact data */
	SENS_CLINICAL, /* what was found, thought and done */
	SENS_SECRET,   /* never leaves in JSON: hashes, keys */
	SENS__MAX
};

struct type;

/* Shows part of a value to who may not see all of it; writes into the arena. */
typedef struct str partial_fn(struct ctx *, struct str);
/* Says a code of invalid.def, or NULL when the text is fine. */
typedef const char *check_fn(struct str);

struct field {
	const char *name; /* snake_case; JSON has camelCase (field_json) */
	const char *json; /* only where the derived name is wrong */
	enum kind kind;
	enum sens sens;
	size_t offset;
	bool required;      /* on input: absent or null is refused */
	bool nullable_only; /* on output: OpenAPI says it may be null */
	bool sealed;        /* AES-256-GCM at rest, key of the row's patient */
	bool searchable;    /* its words become keyed tokens */
	int64_t min, max;   /* KIND_INT: value; KIND_TEXT: code points; KIND_LIST: items; KIND_JSON: bytes.
	                     * max 0: the kind's default ceiling, below; min is min, so a number
	                     * that may be negative says so */
	const char *const *one_of; /* NULL-terminated; KIND_TEXT */
	check_fn *check;
	partial_fn *partial;
	const struct type *of; /* KIND_LIST, KIND_OBJECT */
	const char *summary;   /* one line for the documents */
};

struct type {
	const char *name; /* snake_case; OpenAPI has PascalCase */
	size_t size;
	const struct field *fields;
	size_t count;
	/* Where rows of this type rest, for sealed fields: the authenticated place
	 * is (tenant, table, column, row id), the key is the patient's. */
	const char *table;
	const char *row_field; /* usually "id" */
	const char *key_field; /* usually "patient_id"; "id" for patients */
	bool masks;            /* output carries "masked": [...] when something is hidden */
	bool bare;             /* in JSON its one field stands without an object around it:
	                        * a KIND_LIST of such is a list of texts, ids or numbers */
};

enum {
	FIELD_NAME_MAX = 63,      /* bytes of a member's name; type_check refuses longer ones */
	TEXT_MAX_DEFAULT = 10000, /* code points */
	LIST_MAX_DEFAULT = 1000,
	JSON_MAX_DEFAULT = 64 * 1024,
};
/* Every JSON reader keeps whole numbers up to here exactly (RFC 8259, 6). */
#define INT_MAX_DEFAULT ((INT64_C(1) << 53) - 1)

#define KIND_OF(x)                                                                                           \
	_Generic((x), struct id                                                                              \
	         : KIND_ID, struct str                                                                       \
	         : KIND_TEXT, int64_t                                                                        \
	         : KIND_INT, struct opt_int                                                                  \
	         : KIND_OPT_INT, bool                                                                        \
	         : KIND_BOOL, struct instant                                                                 \
	         : KIND_TIME, struct date                                                                    \
	         : KIND_DATE, struct blob                                                                    \
	         : KIND_BLOB, struct list                                                                    \
	         : KIND_LIST)
/* FIELD(record, title, .sens = SENS_CLINICAL, .max = 200) */
#define FIELD(s, m, ...)                                                                                     \
	{                                                                                                    \
		.name = #m, .kind = KIND_OF(((struct s *)0)->m), .offset = offsetof(struct s, m),            \
		__VA_ARGS__                                                                                  \
	}
/* A member that is a pointer to another described struct. */
#define FIELD_OBJECT(s, m, type_, ...)                                                                       \
	{                                                                                                    \
		.name = #m, .kind = KIND_OBJECT, .of = (type_), .offset = offsetof(struct s, m), __VA_ARGS__ \
	}
/* A struct str member whose text is JSON already. */
#define FIELD_JSON(s, m, ...)                                                                                \
	{                                                                                                    \
		.name = #m, .kind = KIND_JSON, .offset = offsetof(struct s, m), __VA_ARGS__                  \
	}
#define TYPE(s, f, ...)                                                                                      \
	{                                                                                                    \
		.name = #s, .size = sizeof(struct s), .fields = (f), .count = COUNT(f), __VA_ARGS__          \
	}

/* snake_case to camelCase ("birth_date" -> "birthDate"); out holds strlen + 1.
 * Returns the length. */
size_t camel(const char *snake, char *out);
/* The member's name in JSON. */
void field_json(const struct field *, char out[static FIELD_NAME_MAX + 1]);
const struct field *type_field(const struct type *, const char *name);
/* NULL, or what is wrong with the rows (no sensitivity, list without .of, …), also
 * of the types they lead to; the text stands until this thread's next call. */
const char *type_check(const struct type *);

static inline const void *
field_at(const struct field *f, const void *obj)
{
	return (const char *)obj + f->offset;
}
static inline void *
field_in(const struct field *f, void *obj)
{
	return (char *)obj + f->offset;
}

#endif
