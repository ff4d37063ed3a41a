/* calc.c - `plantao calc`: the calculators on a table, without configuration,
 * store or keys.  Before its first row the calculator passes its golden cases. */
#include "cmd/calc.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "base/json.h"

static int
say(struct buf *b)
{
	bool fine = !buf_failed(b) && fwrite(b->p, 1, b->n, stdout) == b->n && fflush(stdout) == 0;
	buf_free(b);
	return fine ? EXIT_DONE : EXIT_FAILED;
}

static void
json_columns(struct buf *b, const char *name, const struct calc_column *columns, size_t count)
{
	buf_printf(b, ",\"%s\":[", name);
	for (size_t i = 0; i < count; i++) {
		buf_text(b, i > 0 ? ",{\"name\":" : "{\"name\":");
		json_write_text(b, str_of(columns[i].name));
		buf_printf(b,
		        ",\"kind\":\"%s\",\"optional\":%s,\"summary\":", calc_kind_name(columns[i].kind),
		        columns[i].optional ? "true" : "false");
		json_write_text(b, str_of(columns[i].en));
		buf_byte(b, '}');
	}
	buf_byte(b, ']');
}

static void
json_calculator(struct buf *b, const struct calculator *def)
{
	buf_text(b, "{\"name\":");
	json_write_text(b, str_of(def->name));
	buf_text(b, ",\"summary\":");
	json_write_text(b, str_of(def->en));
	json_columns(b, "inputs", def->in, def->in_count);
	json_columns(b, "results", def->out, def->out_count);
	buf_byte(b, '}');
}

static int
list(bool json)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	const struct calculator *def;
	if (json)
		buf_byte(&b, '[');
	for (size_t i = 0; (def = calc_at(i)); i++) {
		if (json && i > 0)
			buf_byte(&b, ',');
		if (json)
			json_calculator(&b, def);
		else
			buf_printf(&b, "%s\n", def->name);
	}
	if (json)
		buf_text(&b, "]\n");
	return say(&b);
}

static void
describe_columns(struct buf *b, const char *title, const struct calc_column *columns, size_t count)
{
	buf_printf(b, "%s\n", title);
	for (size_t i = 0; i < count; i++) {
		const struct calc_column *col = &columns[i];
		buf_printf(b, "  %-32s %-8s %s%s%s%s", col->name, calc_kind_name(col->kind), col->en,
		        col->unit ? ", " : "", col->unit ? col->unit : "",
		        col->optional ? " (optional)" : "");
		for (size_t k = 0; col->one_of && col->one_of[k]; k++)
			buf_printf(b, "%s%s", k > 0 ? ", " : ": ", col->one_of[k]);
		buf_byte(b, '\n');
	}
}

static int
describe(const struct calculator *def)
{
	struct buf b;
	buf_init(&b, 1 << 20);
	buf_printf(&b, "%s: %s\n", def->name, def->en);
	describe_columns(&b, "inputs", def->in, def->in_count);
	describe_columns(&b, "results", def->out, def->out_count);
	buf_printf(&b, "source\n  %s, %s%s%s\n", def->source->document, def->source->section,
	        def->source->page ? ", p. " : "", def->source->page ? def->source->page : "");
	return say(&b);
}

static int
compute(const struct calculator *def, bool explain)
{
	char why[300];
	if (calc_self_test_of(def, why) != OK) {
		fprintf(stderr, "plantao calc: self-test: %s\n", why);
		return EXIT_FAILED;
	}
	if (isatty(STDIN_FILENO))
		fprintf(stderr, "plantao calc: reading CSV from the terminal; Ctrl-D ends it\n");
	return calc_csv(def, explain);
}

int
cmd_calc(const struct conf *conf, int argc, char **argv)
{
	(void)conf;
	static const struct option options[] = { { "list", no_argument, NULL, 'l' },
		{ "json", no_argument, NULL, 'j' }, { "describe", no_argument, NULL, 'd' },
		{ "explain", no_argument, NULL, 'e' }, { 0 } };
	bool lists = false, json = false, describes = false, explain = false;
	int option;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		lists |= option == 'l';
		json |= option == 'j';
		describes |= option == 'd';
		explain |= option == 'e';
		if (option == '?')
			return cmd_usage("calc", "unknown option %s", argv[optind - 1]);
	}
	if (lists && optind == argc)
		return list(json);
	if (lists || json || argc - optind != 1)
		return cmd_usage("calc", "give the name of one calculator, or --list");
	const struct calculator *def = calc_find(str_of(argv[optind]));
	if (!def)
		return cmd_usage("calc", "no calculator is named %s; --list names them all", argv[optind]);
	return describes ? describe(def) : compute(def, explain);
}
