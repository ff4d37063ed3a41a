/* csv.h - test vectors: RFC 4180 rows of tests/data, cells by column name.
 *
 *	struct csv csv = csv_open("vectors/cpf.csv");
 *	while (csv_next(&csv))
 *		… csv_cell(&csv, "input") …
 *	assert_true(csv_close(&csv) > 10);
 *
 * A file or column that is missing fails the test. */
#ifndef TESTS_CSV_H
#define TESTS_CSV_H

#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>

#include "cm.h"

enum { CSV_COLUMNS_MAX = 64, CSV_BYTES_MAX = 8192 };

struct csv {
	FILE *file;
	char header[CSV_BYTES_MAX], line[CSV_BYTES_MAX];
	char *columns[CSV_COLUMNS_MAX], *cells[CSV_COLUMNS_MAX];
	size_t column_count, cell_count, rows;
};

/* Cuts one record into cells, in place, and undoes the quotes. */
static inline size_t
csv_split(char *p, char **cells)
{
	size_t n = 0;
	for (bool more = true; more;) {
		bool quoted = *p == '"';
		char *to = p += quoted;
		assert_true(n < CSV_COLUMNS_MAX);
		cells[n++] = to;
		for (; *p && (quoted || (*p != ',' && *p != '\r' && *p != '\n')); p++) {
			if (*p == '"' && quoted && *++p != '"')
				quoted = false, p--;
			else
				*to++ = *p;
		}
		more = *p == ',';
		p += more;
		*to = '\0';
	}
	return n;
}

static inline struct csv
csv_open(const char *name)
{
	char path[1000];
	const char *root = getenv("PLANTAO_SOURCE");
	struct csv csv = { 0 };
	snprintf(path, sizeof path, "%s/tests/data/%s", root ? root : ".", name);
	csv.file = fopen(path, "r");
	if (!csv.file || !fgets(csv.header, sizeof csv.header, csv.file))
		fail_msg("%s cannot be read", path);
	return csv;
}

static inline bool
csv_next(struct csv *csv)
{
	if (csv->column_count == 0) /* here, because csv_open returns a copy */
		csv->column_count = csv_split(csv->header, csv->columns);
	if (!fgets(csv->line, sizeof csv->line, csv->file))
		return false;
	csv->cell_count = csv_split(csv->line, csv->cells);
	csv->rows++;
	assert_int_equal(csv->cell_count, csv->column_count);
	return true;
}

static inline struct str
csv_cell(const struct csv *csv, const char *column)
{
	for (size_t i = 0; i < csv->column_count; i++)
		if (strcmp(csv->columns[i], column) == 0)
			return str_of(csv->cells[i]);
	fail_msg("no column %s", column);
	return (struct str){ 0 };
}

static inline size_t
csv_close(struct csv *csv)
{
	fclose(csv->file);
	return csv->rows;
}

#endif
