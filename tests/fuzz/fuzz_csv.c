/* fuzz_csv.c - any bytes as a CSV file.
 *
 * What must hold: no crash, the same records whatever the size of the reads,
 * and records that are written read back alike. */
#include "base/csv.h"

#include "fuzz.h"

#include <stdlib.h>

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* One byte a time: every border of a read falls everywhere. */
static ssize_t
read_slowly(void *arg, char *to, size_t room)
{
	return csv_read_bytes(arg, to, room > 0 ? 1 : 0);
}

/* A mark in front is dropped only when it comes in one read: not what is tested here. */
static bool
begins_with_mark(struct str s)
{
	return s.n >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0;
}

static void
same_record(const struct csv *a, const struct csv *b)
{
	must(a->count == b->count && a->line == b->line && a->crlf == b->crlf &&
	        a->malformed == b->malformed);
	for (size_t i = 0; i < a->count; i++)
		must(str_eq(csv_field(a, i), csv_field(b, i)));
}

static void
reads_back(const struct csv *record)
{
	struct str fields[CSV_FIELDS_MAX];
	struct buf b;
	struct csv again;
	buf_init(&b, 8 << 20);
	for (size_t i = 0; i < record->count; i++)
		fields[i] = csv_field(record, i);
	csv_write(&b, fields, record->count, record->crlf);
	must(!buf_failed(&b));
	struct str left = buf_view(&b);
	csv_open(&again, csv_read_bytes, &left);
	if (!begins_with_mark(left)) {
		must(csv_next(&again) == CSV_ROW && again.count == record->count && !again.malformed);
		for (size_t i = 0; i < record->count; i++)
			must(str_eq(csv_field(&again, i), fields[i]));
		must(csv_next(&again) == CSV_END);
	}
	csv_close(&again);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str at_once = { (const char *)data, n }, slowly = at_once;
	struct csv a, b;
	if (begins_with_mark(at_once))
		return 0;
	csv_open(&a, csv_read_bytes, &at_once);
	csv_open(&b, read_slowly, &slowly);
	for (;;) {
		enum csv_result got = csv_next(&a);
		must(csv_next(&b) == got);
		if (got != CSV_ROW)
			break;
		same_record(&a, &b);
		reads_back(&a);
	}
	csv_close(&a);
	csv_close(&b);
	return 0;
}
