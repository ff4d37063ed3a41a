/* proof_record.c - signed records of proofs.  A record that was changed, or made by somebody
 * without the backup key, is shown as such and counts for nothing. */
#include "ops/backup_folder.h"
#include "ops/backup_proof.h"
#include "base/json.h"
#include "sys/metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	ARENA_CEILING = 16 << 20,
	LOOKED_AT = 32,
	NAMES_MAX = 8192,
	RECORD_MAX = 8192,
	SIGNATURE = 64,
	SIGNATURE_HEX = 2 * SIGNATURE
};

struct names {
	char (*items)[BACKUP_NAME + 1];
	size_t count;
	bool key;
};

static void
see(void *arg, const char *name, int64_t bytes)
{
	struct names *n = arg;
	int64_t at_ms;

	(void)bytes;
	if (strcmp(name, "key") == 0)
		n->key = true;
	else if (n->count < NAMES_MAX && folder_time(name, &at_ms))
		snprintf(n->items[n->count++], BACKUP_NAME + 1, "%s", name);
}

static int
newest_first(const void *a, const void *b)
{
	return strcmp(b, a);
}

/* A target without proofs has no such folder: then there are none. */
static enum err
list(const struct backup *b, struct names *n, char *why)
{
	enum err err;

	*n = (struct names){ .items = calloc(NAMES_MAX, BACKUP_NAME + 1) };
	if (n->items == NULL) {
		snprintf(why, 200, "out of memory");
		return ERR_BUSY;
	}
	err = target_list(b->target, PROOFS_FOLDER, see, n, why);
	if (err == ERR_NOT_FOUND)
		err = OK;
	if (n->count > 0)
		qsort(n->items, n->count, sizeof *n->items, newest_first);
	if (err != OK)
		free(n->items);
	return err;
}

/* The seed is that of a folder named "proofs": made once, wrapped by the backup key. */
static enum err
seed_of(const struct backup *b, bool make, unsigned char seed[KEY_SIZE], char *why)
{
	return make ? folder_make(b, PROOFS_FOLDER, seed, why) : folder_key(b, PROOFS_FOLDER, seed, why);
}

/* Of proofs/FILE; *n is -1 when it cannot be read. */
static enum err
get_bytes(const struct backup *b, const char *file, char bytes[static RECORD_MAX], ssize_t *n, char *why)
{
	char name[128];
	int fd;

	folder_file(PROOFS_FOLDER, file, name);
	TRY(target_get(b->target, name, &fd, why));
	*n = pread(fd, bytes, RECORD_MAX, 0);
	close(fd);
	return OK;
}

static enum err
put_text(const struct backup *b, const char *file, struct str text, char *why)
{
	struct target_part part;
	char name[128];

	folder_file(PROOFS_FOLDER, file, name);
	TRY(target_begin(b->target, &part, why));
	if (write(part.fd, text.p, text.n) != (ssize_t)text.n) {
		snprintf(why, 200, "cannot write a proof: %s", strerror(errno));
		target_drop(&part);
		return ERR_STORE_UNAVAILABLE;
	}
	return target_put(b->target, &part, name, why);
}

/* proofs/FILE becomes proofs/former-KEPT, which nothing looks at. Files are at most RECORD_MAX. */
static enum err
put_aside(const struct backup *b, const char *file, const char *kept, char *why)
{
	char bytes[RECORD_MAX], name[128], aside[64];
	ssize_t n;

	TRY(get_bytes(b, file, bytes, &n, why));
	if (n < 0) {
		snprintf(why, 200, "cannot read proofs/%.60s: %s", file, strerror(errno));
		return ERR_STORE_UNAVAILABLE;
	}
	snprintf(aside, sizeof aside, "former-%s", kept);
	TRY(put_text(b, aside, (struct str){ bytes, (size_t)n }, why));
	folder_file(PROOFS_FOLDER, file, name);
	return target_remove(b->target, name, why);
}

/* Beside the former backup key the records can be read again: their signing key goes last, and with them. */
enum err
proofs_begin_anew(const struct backup *b, char *why)
{
	char now[BACKUP_NAME + 1], kept[64];
	struct names names;
	enum err err = OK;

	TRY(list(b, &names, why));
	for (size_t i = 0; i < names.count && err == OK; i++)
		err = put_aside(b, names.items[i], names.items[i], why);
	folder_name(clock_now().ms, now);
	snprintf(kept, sizeof kept, "key-%s", now);
	if (err == OK && names.key)
		err = put_aside(b, "key", kept, why);
	free(names.items);
	return err;
}

enum err
proof_record_write(const struct backup *b, struct arena *arena, const struct proof *p, char *why)
{
	struct ctx ctx = { .arena = arena };
	unsigned char seed[KEY_SIZE], signature[SIGNATURE];
	char name[BACKUP_NAME + 1], hex[SIGNATURE_HEX + 1];
	struct names names;
	struct buf text;
	enum err err;

	TRY(list(b, &names, why));
	free(names.items);
	TRY(seed_of(b, !names.key, seed, why));
	buf_init(&text, RECORD_MAX);
	json_write(&ctx, &text, &proof_type, p, NULL);
	ed25519_sign(seed, buf_view(&text), signature);
	wipe(seed, sizeof seed);
	hex_print(signature, sizeof signature, hex);
	buf_printf(&text, "\n%s\n", hex);
	folder_name(p->at.ms, name);
	err = put_text(b, name, buf_view(&text), why);
	buf_free(&text);
	return err;
}

/* ---- reading */

static enum err
read_text(const struct backup *b, struct arena *arena, const char *file, struct str *out, char *why)
{
	char bytes[RECORD_MAX];
	ssize_t n;

	TRY(get_bytes(b, file, bytes, &n, why));
	*out = n > 0 ? arena_str(arena, (struct str){ bytes, (size_t)n }) : (struct str){ NULL, 0 };
	return OK;
}

static bool
record_open(struct arena *arena, const unsigned char pub[32], struct str text, struct proof *out)
{
	struct ctx ctx = { .arena = arena };
	unsigned char signature[SIGNATURE];
	struct str json = text, hex;
	const char *cut = text.p ? memchr(text.p, '\n', text.n) : NULL;

	if (cut == NULL || text.n - (size_t)(cut - text.p) != SIGNATURE_HEX + 2)
		return false;
	json.n = (size_t)(cut - text.p);
	hex = (struct str){ cut + 1, SIGNATURE_HEX };
	return hex_parse(hex, signature, sizeof signature) && ed25519_verify(pub, json, signature) &&
	       json_read(&ctx, json, &proof_type, out) == OK;
}

enum err
backup_proofs(const struct backup *b, struct arena *arena, struct proof_record *out, size_t max,
        size_t *count, char *why)
{
	unsigned char seed[KEY_SIZE], pub[32];
	struct names names;
	enum err err;

	*count = 0;
	TRY(list(b, &names, why));
	err = names.count > 0 && max > 0 ? seed_of(b, false, seed, why) : OK;
	if (err == OK && names.count > 0 && max > 0)
		ed25519_public(seed, pub);
	wipe(seed, sizeof seed);
	for (size_t i = 0; i < names.count && i < max && err == OK; i++) {
		struct str text;

		err = read_text(b, arena, names.items[i], &text, why);
		out[i] = (struct proof_record){ .signed_well = false };
		if (err == OK)
			out[i].signed_well = record_open(arena, pub, text, &out[i].proof);
		if (!out[i].signed_well) {
			out[i].proof = (struct proof){ .version = 0 };
			(void)folder_time(names.items[i], &out[i].proof.at.ms);
		}
		*count += err == OK;
	}
	free(names.items);
	return err;
}

const struct proof *
proofs_newest_good(const struct proof_record *records, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (records[i].signed_well && proof_is_full(&records[i].proof))
			return &records[i].proof;
	return NULL;
}

bool
proofs_failed_last(const struct proof_record *records, size_t count)
{
	return count > 0 && !(records[0].signed_well && records[0].proof.proven);
}

enum err
backup_newest_proven(const struct backup *b, char name[static BACKUP_LABEL + 1], char *why)
{
	struct arena *arena = arena_new(ARENA_CEILING);
	struct proof_record records[LOOKED_AT];
	size_t n = 0;
	enum err err = arena ? backup_proofs(b, arena, records, LOOKED_AT, &n, why) : ERR_BUSY;

	const struct proof *good = proofs_newest_good(records, n);

	name[0] = 0;
	if (good != NULL)
		snprintf(name, BACKUP_LABEL + 1, "%.*s", STR_FMT(good->backup));
	arena_free(arena);
	return err;
}

void
proof_tell(const struct proof *p)
{
	if (p->proven && !proof_is_full(p))
		return;
	metric_set(M_BACKUP_UNPROVEN, 0, !p->proven);
	if (!p->proven)
		return;
	metric_set(M_BACKUP_PROVEN, 0, p->at.ms / 1000);
}
