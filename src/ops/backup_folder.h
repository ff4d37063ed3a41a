/* backup_folder.h - names, keys and files inside one base's folder; between the files backup*.c. */
#ifndef OPS_BACKUP_FOLDER_H
#define OPS_BACKUP_FOLDER_H

#include "ops/backup.h"

struct segment {
	unsigned generation, number;
	int64_t at_ms;
	char name[64];
};

void folder_name(int64_t at_ms, char out[static BACKUP_NAME + 1]);
bool folder_time(const char *name, int64_t *at_ms);
void segment_name(const struct segment *, char out[static 64]);
bool segment_parse(const char *name, struct segment *out);
/* DIR/FOLDER/FILE; out is PATH_MAX. */
void folder_path(const struct backup *, const char *folder, const char *file, char *out);
/* "FOLDER/FILE", what a file's blocks are bound to; out is 128. */
void folder_bound(const char *folder, const char *file, char *out);
/* Makes the folder with a new data key, or reads the key of an existing one. */
enum err folder_make(
        const struct backup *, const char *folder, unsigned char key[KEY_SIZE], char *why) MUST_CHECK;
enum err folder_key(
        const struct backup *, const char *folder, unsigned char key[KEY_SIZE], char *why) MUST_CHECK;
/* The folder's segments in order, malloc'd; free them. */
enum err folder_segments(
        const struct backup *, const char *folder, struct segment **out, size_t *count, char *why) MUST_CHECK;
/* A base copy of store into the folder. scratch: a directory of ours for the plain copy. */
enum err folder_base(const struct backup *, const char *folder, const unsigned char key[KEY_SIZE],
        struct store *, char *why) MUST_CHECK;

#endif
