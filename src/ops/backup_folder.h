/* backup_folder.h - names, keys and files inside one base's folder; between the files backup*.c. */
#ifndef OPS_BACKUP_FOLDER_H
#define OPS_BACKUP_FOLDER_H

#include "ops/backup.h"

struct segment {
	unsigned generation, number;
	int64_t at_ms;
	char name[64];
};

/* Signed records of proofs; their signing key is this folder's data key. */
#define PROOFS_FOLDER "proofs"

void folder_name(int64_t at_ms, char out[static BACKUP_NAME + 1]);
bool folder_time(const char *name, int64_t *at_ms);
void segment_name(const struct segment *, char out[static 64]);
bool segment_parse(const char *name, struct segment *out);
/* "FOLDER/FILE": a file's name in the target, and what its blocks are bound to; out is 128. */
void folder_file(const char *folder, const char *file, char *out);
/* Seals n bytes of fd from offset into the target, or a target's file into fd. */
enum err folder_put(const struct backup *, const char *folder, const char *file,
        const unsigned char key[KEY_SIZE], int fd, uint64_t offset, uint64_t n, char *why) MUST_CHECK;
enum err folder_get(const struct backup *, const char *folder, const char *file,
        const unsigned char key[KEY_SIZE], int fd, char *why) MUST_CHECK;
/* Makes the folder with a new data key, or reads the key of an existing one. */
enum err folder_make(
        const struct backup *, const char *folder, unsigned char key[KEY_SIZE], char *why) MUST_CHECK;
enum err folder_key(
        const struct backup *, const char *folder, unsigned char key[KEY_SIZE], char *why) MUST_CHECK;
/* The folder's segments in order, malloc'd; free them. A number stands there twice when the target
 * took a segment and its answer was lost: both begin alike, and the later one goes further. base_bytes: of
 * its base, -1 when it was never finished; bytes: of all. */
struct folder_seen {
	struct segment *segments;
	size_t count;
	int64_t base_bytes, bytes;
};
enum err folder_look(const struct backup *, const char *folder, struct folder_seen *, char *why) MUST_CHECK;
/* A base copy of store into the folder, by way of a plain copy in the scratch folder beside the database. */
enum err folder_base(const struct backup *, const char *folder, const unsigned char key[KEY_SIZE],
        struct store *, char *why) MUST_CHECK;

#endif
