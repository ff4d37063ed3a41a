/* answer.h - calculators and their answers as types that leave in JSON. */
#ifndef FEATURES_HANSEN_ANSWER_H
#define FEATURES_HANSEN_ANSWER_H

#include "base/type.h"
#include "features/calc/calc.h"
#include "features/hansen/hansen.h"
#include "http/problem.h"

struct cited_source {
	struct str document, section, page, confidence;
};
struct calculation_warning {
	struct str code, field, message;
};
struct calculator_column {
	struct str name, kind, unit, summary;
	bool optional;
	struct list one_of;
};
struct calculator_row {
	struct str name, summary;
	struct list inputs, results;
	struct cited_source *source;
};
struct calculator_list {
	struct list items;
};
extern const struct type cited_source_type, calculator_type, calculator_list_type;

/* All in ctx's arena; ERR_TOO_LARGE when it is full. */
enum err answer_calculation(struct ctx *, enum lang, struct calc *, struct calculation *out) MUST_CHECK;
enum err answer_calculator(
        struct ctx *, enum lang, const struct calculator *, struct calculator_row *out) MUST_CHECK;
enum err answer_calculators(struct ctx *, enum lang, struct calculator_list *out) MUST_CHECK;
struct cited_source answer_source(const struct source *);
/* NULL-terminated texts as a list of text_item; NULL: an empty one. */
enum err answer_texts(struct ctx *, const char *const *, struct list *out) MUST_CHECK;

#endif
