/* fuzz_audit.c - any bytes as an export of the audit trail, as a list of heads, and line
 * by line.  Seeds: the first two batches of a trail, whose key's public half stands below.
 *
 * What must hold: no crash; nothing is called whole but what that key has signed; what is
 * wrong is told once and by name; a line that is read is written and read back alike. */
#include "fuzz.h"

#include "ops/audit_heads.h"
#include "ops/audit_lines.h"
#include "ops/audit_verify.h"
#include "sys/files.h"

enum { ARENA = 8 << 20, BATCHES = 2, ENTRIES = 5 };

static const char key[] = "-----BEGIN PUBLIC KEY-----\n"
                          "MCowBQYDK2VwAyEA/3eIPgx0swSEFrIUrtv1CqbXm/3QFapbo/Poh2azhXI=\n"
                          "-----END PUBLIC KEY-----\n";

static struct arena *arena, *key_arena;
static struct trail_keys keys;
static int file;

static void
ready(void)
{
	if (arena != NULL)
		return;
	arena = arena_new(ARENA);
	key_arena = arena_new(ARENA);
	file = fuzz_file();
	MUST(arena && key_arena && trail_keys_parse(key_arena, STR(key), &keys) && keys.count == 1);
}

static void export(const char *path)
{
	struct audit_verify_conf conf = { .keys = &keys };
	struct audit_verdict v;
	char why[WHY_SIZE] = "";

	if (audit_verify_export(path, &conf, &v, why) != OK) {
		MUST(why[0] != 0);
		return;
	}
	MUST(v.first.fault < FAULT__MAX);
	if (v.first.fault != FAULT_NONE) {
		MUST(audit_fault_word(v.first.fault)[0] && audit_fault_text(v.first.fault, true)[0]);
		return;
	}
	MUST(v.batches == v.last.number && v.batches <= BATCHES && v.entries <= ENTRIES);
	MUST(v.batches == 0 || trail_head_signed(&keys, &v.last));
}

static void
heads(const char *path)
{
	struct ctx ctx = { .arena = arena };
	struct audit_heads list;
	struct trail_head head;
	char why[WHY_SIZE] = "";
	int64_t line = -1;

	arena_reset(arena);
	MUST(audit_heads_open(&list, path, why) == OK);
	do {
		MUST(list.line_number > line);
		line = list.line_number;
	} while (audit_heads_next(&list, &ctx, &head) == OK && head.number != 0);
	audit_heads_close(&list);
}

static bool
write_line(struct ctx *ctx, struct buf *b, const struct audit_line *line)
{
	switch (line->kind) {
	case LINE_HEAD: audit_line_head(ctx, b, &line->head); return true;
	case LINE_TOMB: audit_line_tomb(ctx, b, &line->tomb); return true;
	case LINE_RECORDS: audit_line_records(b, line->records); return true;
	case LINE_END: audit_line_end(ctx, b, &line->end); return true;
	case LINE_ENTRY: return audit_line_entry(ctx, b, &line->entry);
	case LINE_UNSET: break;
	}
	abort(); /* a line that was read is of some kind */
	return false;
}

static void
line(struct str text)
{
	struct ctx ctx = { .arena = arena };
	struct audit_line read, again;
	struct buf one, two;

	arena_reset(arena);
	if (!audit_line_read(&ctx, text, &read))
		return;
	buf_init(&one, ARENA);
	buf_init(&two, ARENA);
	if (write_line(&ctx, &one, &read)) {
		MUST(!buf_failed(&one) && audit_line_read(&ctx, buf_view(&one), &again) &&
		        again.kind == read.kind);
		MUST(write_line(&ctx, &two, &again) && str_eq(buf_view(&one), buf_view(&two)));
	}
	buf_free(&one);
	buf_free(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str rest = { (const char *)data, n };
	char path[64];

	ready();
	fuzz_fill(file, data, n);
	fuzz_path(file, path);
	export(path);
	heads(path);
	while (rest.n > 0)
		line(fuzz_line(&rest));
	return 0;
}
