/* backup_file.h - one sealed file of a backup: blocks of at most 1 MiB, each compressed
 * and encrypted, bound to the file's name, the block's number and whether it is the last. */
#ifndef OPS_BACKUP_FILE_H
#define OPS_BACKUP_FILE_H

#include "sys/crypto.h"

/* Everything in fd from offset, n bytes, becomes the sealed file `out`.  name: what the
 * blocks are bound to, "FOLDER/FILE". why: 200 bytes. */
enum err backup_file_write(int out, const char *name, const unsigned char key[KEY_SIZE], int fd,
        uint64_t offset, uint64_t n, char *why) MUST_CHECK;
/* Opens every block of `in` and appends it to fd. ERR_INTERNAL: the file was changed; why names it. */
enum err backup_file_read(
        int in, const char *name, const unsigned char key[KEY_SIZE], int fd, char *why) MUST_CHECK;

#endif
