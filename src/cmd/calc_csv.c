/* calc_csv.c - a table in, the same table out with the calculator's columns filled.
 *
 * Columns keep their order and rows theirs; a result column that is there is
 * overwritten, one that is missing is added at the end, notes and sources that
 * are there stay.  Every row gets an answer; a row that is no RFC 4180 or has
 * another number of fields is answered INVALIDO|LINHA_MALFORMADA. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/csv.h"
#include "cmd/calc.h"

enum { ROW_ARENA = 4 << 20, OUT_MAX = 8 << 20, FLUSH_AT = 64 << 10 };
enum filled_by { KEPT = 0, RESULT, NOTE, SOURCE, STATUS, FLAGS, STEPS, VERSION };
enum { FROM_NOWHERE = CSV_FIELDS_MAX };

struct column {
	enum filled_by by;
	size_t from;   /* the field of the row in, or FROM_NOWHERE */
	size_t result; /* RESULT: which */
};

struct job {
	const struct calculator *def;
	struct csv csv;
	struct buf out;
	struct arena *arena;
	struct column columns[2 * CSV_FIELDS_MAX];
	size_t count;               /* of columns out */
	size_t fields;              /* of the header in */
	size_t inputs[CALC_IN_MAX]; /* the field of each input, or FROM_NOWHERE */
	bool crlf;
};

static int
failed(const struct job *j, const char *what)
{
	fprintf(stderr, "plantao calc: line %zu: %s\n", j->csv.line, what);
	return EXIT_FAILED;
}

static ssize_t
read_input(void *arg, char *to, size_t room)
{
	(void)arg;
	ssize_t n;
	do
		n = read(STDIN_FILENO, to, room);
	while (n < 0 && errno == EINTR);
	return n;
}

static bool
flush(struct job *j)
{
	bool fine = !buf_failed(&j->out) && fwrite(j->out.p ? j->out.p : "", 1, j->out.n, stdout) == j->out.n;
	buf_reset(&j->out);
	return fine && fflush(stdout) == 0;
}

/* ---- the header */

static size_t
field_named(const struct job *j, const char *name)
{
	for (size_t i = 0; i < j->fields; i++)
		if (str_is(str_trim(csv_field(&j->csv, i)), name))
			return i;
	return FROM_NOWHERE;
}

/* By the input's own name, else by another it is known by. */
static size_t
field_of_input(const struct job *j, const struct calc_column *col)
{
	size_t at = field_named(j, col->name);
	for (size_t i = 0; at == FROM_NOWHERE && col->also && col->also[i]; i++)
		at = field_named(j, col->also[i]);
	return at;
}

static void
add(struct job *j, struct column column, const char *name, struct str *names)
{
	names[j->count] = str_of(name);
	j->columns[j->count++] = column;
}

/* A column of ours: in its place when the header has it (unless what stands there is to be kept), else at the
 * end. */
static void
place(struct job *j, struct column column, const char *name, bool keep, struct str *names)
{
	size_t at = field_named(j, name);
	if (at == FROM_NOWHERE)
		add(j, column, name, names);
	else if (!keep)
		j->columns[at] = column;
}

static void
plan_columns(struct job *j, bool explain, struct str *names)
{
	for (size_t i = 0; i < j->fields; i++)
		names[i] = csv_field(&j->csv, i);
	for (size_t i = 0; i < j->fields; i++)
		j->columns[j->count++] = (struct column){ .from = i };
	for (size_t i = 0; i < j->def->out_count; i++)
		place(j, (struct column){ RESULT, FROM_NOWHERE, i }, j->def->out[i].name, false, names);
	if (j->def->notes)
		place(j, (struct column){ .by = NOTE }, "note", true, names);
	place(j, (struct column){ .by = SOURCE }, "source", true, names);
	if (!explain)
		return;
	place(j, (struct column){ .by = STATUS }, "situacao", false, names);
	place(j, (struct column){ .by = FLAGS }, "avisos", false, names);
	place(j, (struct column){ .by = STEPS }, "passos", false, names);
	place(j, (struct column){ .by = VERSION }, "versao_protocolo", false, names);
}

/* An optional input may be missing, but not all inputs. */
static const char *
missing_input(const struct job *j)
{
	bool all_optional = true;
	for (size_t i = 0; i < j->def->in_count; i++)
		all_optional &= j->def->in[i].optional;
	for (size_t i = 0; i < j->def->in_count; i++)
		if (j->inputs[i] == FROM_NOWHERE && (all_optional || !j->def->in[i].optional))
			return j->def->in[i].name;
	return NULL;
}

static bool
names_differ(const struct job *j)
{
	for (size_t i = 0; i < j->fields; i++)
		for (size_t k = 0; k < i; k++)
			if (str_eq(str_trim(csv_field(&j->csv, i)), str_trim(csv_field(&j->csv, k))))
				return false;
	return true;
}

static int
header(struct job *j, bool explain)
{
	struct str names[2 * CSV_FIELDS_MAX];
	enum csv_result got = csv_next(&j->csv);
	if (got != CSV_ROW || j->csv.blank)
		return failed(
		        j, "the first line must name the columns (plantao calc --describe NAME lists them)");
	j->fields = j->csv.count;
	j->crlf = j->csv.crlf;
	for (size_t i = 0; i < j->def->in_count; i++)
		j->inputs[i] = field_of_input(j, &j->def->in[i]);
	const char *missing = missing_input(j);
	if (missing) {
		fprintf(stderr, "plantao calc %s: the input has no column %s (comma-separated, RFC 4180)\n",
		        j->def->name, missing);
		return EXIT_FAILED;
	}
	if (j->csv.malformed || !names_differ(j))
		return failed(j, "the header is malformed or names a column twice");
	plan_columns(j, explain, names);
	csv_write(&j->out, names, j->count, j->crlf);
	return EXIT_DONE;
}

/* ---- the rows */

static const char *
steps_text(struct calc *c)
{
	const char *text = "";
	for (size_t i = 0; i < c->step_count; i++)
		text = calc_printf(c, "%s%s%s", text, *text ? "; " : "", c->steps[i]);
	return text;
}

static struct str
cell(struct job *j, struct calc *c, struct column column)
{
	switch (column.by) {
	case RESULT: return str_of(c->out[column.result]);
	case NOTE: return str_of(c->note);
	case SOURCE: return str_of(calc_sources_text(c));
	case STATUS: return str_of(calc_status_name(c->status));
	case FLAGS: return str_of(calc_flags_text(c));
	case STEPS: return str_of(steps_text(c));
	case VERSION: return str_of(c->version);
	case KEPT: break;
	}
	return column.from < j->csv.count ? csv_field(&j->csv, column.from) : STR("");
}

static enum err
answer(struct job *j, struct calc *c)
{
	struct str inputs[CALC_IN_MAX] = { { 0 } };
	if (j->csv.malformed || j->csv.count != j->fields) {
		calc_reject(j->def, j->arena, FLAG_LINHA_MALFORMADA, c);
		return OK;
	}
	for (size_t i = 0; i < j->def->in_count; i++)
		if (j->inputs[i] != FROM_NOWHERE)
			inputs[i] = csv_field(&j->csv, j->inputs[i]);
	return calc_run(j->def, j->arena, inputs, c);
}

static int
row(struct job *j)
{
	struct str cells[2 * CSV_FIELDS_MAX];
	struct calc c;
	arena_reset(j->arena);
	if (answer(j, &c) != OK)
		return failed(j, "the calculator is not available");
	for (size_t i = 0; i < j->count; i++)
		cells[i] = cell(j, &c, j->columns[i]);
	if (c.full)
		return failed(j, "the row is too large");
	csv_write(&j->out, cells, j->count, j->crlf);
	if (j->out.n >= FLUSH_AT && !flush(j))
		return failed(j, "the output could not be written");
	return EXIT_DONE;
}

static int
end(struct job *j, enum csv_result got)
{
	if (!flush(j))
		return failed(j, "the output could not be written");
	switch (got) {
	case CSV_ROW:
	case CSV_END: return EXIT_DONE;
	case CSV_TOO_LARGE: return failed(j, "a row of more than 1 MiB or 256 columns");
	case CSV_OPEN_QUOTE: return failed(j, "the input ends inside a quoted field");
	case CSV_READ_FAILED: break;
	}
	return failed(j, "the input could not be read");
}

/* A blank line is a row only where one blank field can be an input. */
static bool
is_row(const struct job *j)
{
	return !j->csv.blank || j->fields == 1;
}

static int
all_rows(struct job *j, bool explain)
{
	enum csv_result got;
	int code = header(j, explain);
	if (code != EXIT_DONE)
		return code;
	while ((got = csv_next(&j->csv)) == CSV_ROW) {
		code = is_row(j) ? row(j) : EXIT_DONE;
		if (code != EXIT_DONE)
			return code;
	}
	return end(j, got);
}

int
calc_csv(const struct calculator *def, bool explain)
{
	static struct job j;
	j = (struct job){ .def = def, .arena = arena_new(ROW_ARENA) };
	if (!j.arena)
		return failed(&j, "no memory");
	csv_open(&j.csv, read_input, NULL);
	buf_init(&j.out, OUT_MAX);
	int code = all_rows(&j, explain);
	buf_free(&j.out);
	csv_close(&j.csv);
	arena_free(j.arena);
	return code;
}
