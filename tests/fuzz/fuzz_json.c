/* fuzz_json.c - any bytes as a request's body, read by a type with every kind.
 *
 * What must hold: no crash, no error but the three that are documented, every
 * refusal names a field, and what was taken is written and read back alike. */
#include "base/brazil.h"
#include "base/json.h"

#include <stdlib.h>

struct fuzz_dose {
	struct str medicine;
	int64_t dose_mg;
};
struct fuzz_word {
	struct str text;
};
struct fuzz_body {
	struct id patient_id;
	struct str title;
	struct str cpf;
	struct str priority;
	int64_t version;
	struct opt_int weight_g;
	bool urgent;
	struct instant at;
	struct date day;
	struct list items;
	struct list words;
	struct fuzz_dose *first;
	struct str extra;
};

static const char *const priorities[] = { "CRITICAL", "HIGH", "NORMAL", "LOW", NULL };
static const struct field dose_rows[] = {
	FIELD(fuzz_dose, medicine, .sens = SENS_CLINICAL, .required = true, .max = 200),
	FIELD(fuzz_dose, dose_mg, .sens = SENS_CLINICAL, .min = -1000, .max = 1000000),
};
static const struct type dose = TYPE(fuzz_dose, dose_rows);
static const struct field word_rows[] = { FIELD(fuzz_word, text, .sens = SENS_PLAIN) };
static const struct type word = TYPE(fuzz_word, word_rows, .bare = true);
static const struct field body_rows[] = {
	FIELD(fuzz_body, patient_id, .sens = SENS_PLAIN),
	FIELD(fuzz_body, title, .sens = SENS_CLINICAL),
	FIELD(fuzz_body, cpf, .sens = SENS_IDENTITY, .check = check_cpf, .partial = mask_cpf),
	FIELD(fuzz_body, priority, .sens = SENS_PLAIN, .one_of = priorities),
	FIELD(fuzz_body, version, .sens = SENS_PLAIN),
	FIELD(fuzz_body, weight_g, .sens = SENS_CLINICAL, .max = 500000),
	FIELD(fuzz_body, urgent, .sens = SENS_PLAIN),
	FIELD(fuzz_body, at, .sens = SENS_PLAIN),
	FIELD(fuzz_body, day, .sens = SENS_PLAIN),
	FIELD(fuzz_body, items, .sens = SENS_PLAIN, .of = &dose, .max = 50),
	FIELD(fuzz_body, words, .sens = SENS_PLAIN, .of = &word),
	FIELD_OBJECT(fuzz_body, first, &dose, .sens = SENS_PLAIN),
	FIELD_JSON(fuzz_body, extra, .sens = SENS_PLAIN),
};
static const struct type body = TYPE(fuzz_body, body_rows);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

static void
refused(const struct ctx *ctx, enum err err)
{
	must(err == ERR_MALFORMED || err == ERR_INVALID || err == ERR_TOO_LARGE);
	must(err != ERR_INVALID || ctx->invalid != NULL);
	for (const struct invalid *v = ctx->invalid; v; v = v->next)
		must(v->field && v->code && utf8_valid(v->field, strlen(v->field)));
}

/* Written, read back, written again: twice the same bytes. */
static void
taken(struct ctx *ctx, const struct fuzz_body *got)
{
	struct fuzz_body again;
	struct buf one, two;
	buf_init(&one, 4 << 20);
	buf_init(&two, 4 << 20);
	json_write(ctx, &one, &body, got, NULL);
	must(!buf_failed(&one));
	must(json_read(ctx, buf_view(&one), &body, &again) == OK);
	json_write(ctx, &two, &body, &again, NULL);
	must(str_eq(buf_view(&one), buf_view(&two)));
	buf_reset(&one);
	json_write(ctx, &one, &body, got, &(struct mask){ .partial = true });
	must(!buf_failed(&one));
	buf_free(&one);
	buf_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct ctx ctx = { .arena = arena_new(16 << 20) };
	struct fuzz_body got;
	must(ctx.arena != NULL);
	enum err err = json_read(&ctx, (struct str){ (const char *)data, n }, &body, &got);
	if (err == OK)
		taken(&ctx, &got);
	else
		refused(&ctx, err);
	arena_free(ctx.arena);
	return 0;
}
