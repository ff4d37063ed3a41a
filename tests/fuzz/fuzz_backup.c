/* fuzz_backup.c - what a backup's target gives back, which need not be what was put there:
 * names, sealed files, blocks that open and hold anything, and the database's log.
 *
 * The first byte chooses.  What must hold: no crash; a file that was never sealed does not
 * open; a block unpacks to at most its size; a name that is taken is the name that
 * is made of it; the log's whole part lies inside it and is found alike by both readers. */
#include "fuzz.h"

#include "ops/backup_file.h"
#include "ops/backup_folder.h"
#include "ops/wal.h"
#include "sys/keyring_provider.h"

enum { BLOCK = 1 << 20 };

static const unsigned char key[KEY_SIZE] = "a key that only this target uses";
static const char name[] = "20261130T120000.123Z/base";
static int in, out;

static void
sealed_file(struct str bytes)
{
	char why[200] = "";

	fuzz_fill(in, bytes.p, bytes.n);
	fuzz_fill(out, "", 0);
	MUST(backup_file_read(in, name, key, out, why) == ERR_INTERNAL);
	MUST(strstr(why, name) == why);
}

/* One block as the last of its file, whose seal is good and whose inside is the input. */
static void
block_inside(struct str packed)
{
	static const char place[] = "plantao backup 1|20261130T120000.123Z/base|0|1";
	uint32_t size = (uint32_t)packed.n + SEAL_OVERHEAD;
	unsigned char *block = malloc(sizeof size + size);
	char why[200] = "";

	MUST(block != NULL);
	memcpy(block, &size, sizeof size);
	gcm_seal(key, STR(place), packed, block + sizeof size);
	fuzz_fill(in, block, sizeof size + size);
	fuzz_fill(out, "", 0);
	free(block);
	enum err err = backup_file_read(in, name, key, out, why);
	MUST(err == OK || err == ERR_INTERNAL);
	off_t made = lseek(out, 0, SEEK_END);
	MUST(err == OK ? made <= BLOCK : made == 0);
}

static void
one_name(const char *text)
{
	char again[64];
	struct segment s;
	int64_t at_ms;

	if (segment_parse(text, &s)) {
		segment_name(&s, again);
		MUST(strcmp(again, text) == 0 && strcmp(s.name, text) == 0);
	}
	if (folder_time(text, &at_ms)) {
		folder_name(at_ms, again);
		MUST(strcmp(again, text) == 0);
	}
}

static void
names(struct str rest)
{
	char text[200];

	while (rest.n > 0) {
		struct str line = fuzz_line(&rest);
		size_t n = line.n < sizeof text ? line.n : sizeof text - 1;
		memcpy(text, line.p, n);
		text[n] = 0;
		one_name(text);
	}
}

static void
log_frames(struct str bytes)
{
	struct wal wal;
	uint64_t end = 0;
	size_t whole = wal_whole((const unsigned char *)bytes.p, bytes.n);

	MUST(whole <= bytes.n);
	fuzz_fill(in, bytes.p, bytes.n);
	if (!wal_open(&wal, in)) {
		MUST(whole == 0);
		return;
	}
	MUST(wal_same(&wal, in) && wal_follow(&wal, in, &end) && end <= bytes.n);
	MUST(end == whole || (end == WAL_HEADER && whole == 0));
}

static void
master_keys(struct str bytes)
{
	static struct masters keys;
	const char *wrong = masters_parse(&keys, bytes);

	MUST(wrong == NULL ? keys.count > 0 && keys.count <= MASTERS_MAX : wrong[0] != 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static void (*const readers[])(
	        struct str) = { sealed_file, block_inside, names, log_frames, master_keys };
	char *exact;

	if (n == 0)
		return 0;
	if (in == 0) {
		in = fuzz_file();
		out = fuzz_file();
	}
	exact = malloc(n); /* exactly its size, so that a step beyond it is seen */
	MUST(exact != NULL);
	memcpy(exact, data + 1, n - 1);
	readers[data[0] % COUNT(readers)]((struct str){ exact, n - 1 });
	free(exact);
	return 0;
}
