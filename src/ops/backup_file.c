/* backup_file.c - blocks: length (4 bytes), then the sealed block.  The name and number
 * are authenticated, so a block cannot be moved, and the last one says that it is. */
#include "ops/backup_file.h"
#include "base/buf.h"
#include "base/zstd.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { BLOCK = 1 << 20, SEALED_MAX = BLOCK + (BLOCK >> 4) + 4096 };

static enum err
failed(const char *what, const char *name, char *why)
{
	snprintf(why, 200, "%s %.120s: %s", what, name, strerror(errno));
	return ERR_STORE_UNAVAILABLE;
}

static struct str
bound(char out[static 256], const char *name, unsigned number, bool last)
{
	int n = snprintf(out, 256, "plantao backup 1|%s|%u|%d", name, number, last);

	return (struct str){ out, (size_t)n };
}

static bool
write_all(int fd, const void *bytes, size_t n)
{
	const char *p = bytes;

	while (n > 0) {
		ssize_t w = write(fd, p, n);

		if (w <= 0 && errno != EINTR)
			return false;
		if (w > 0) {
			p += w;
			n -= (size_t)w;
		}
	}
	return true;
}

static bool
read_all(int fd, void *bytes, size_t n, uint64_t offset)
{
	char *p = bytes;

	while (n > 0) {
		ssize_t r = pread(fd, p, n, (off_t)offset);

		if (r <= 0)
			return false;
		p += r;
		n -= (size_t)r;
		offset += (uint64_t)r;
	}
	return true;
}

struct blocks {
	struct buf plain, packed, sealed;
};

static void
blocks_init(struct blocks *b)
{
	buf_init(&b->plain, BLOCK);
	buf_init(&b->packed, SEALED_MAX);
	buf_init(&b->sealed, SEALED_MAX + SEAL_OVERHEAD + 4);
}

static void
blocks_free(struct blocks *b)
{
	buf_free(&b->plain);
	buf_free(&b->packed);
	buf_free(&b->sealed);
}

static bool
block_seal(struct blocks *b, const char *name, const unsigned char key[KEY_SIZE], unsigned number, bool last)
{
	char aad[256];
	unsigned char *out;
	uint32_t size;

	buf_reset(&b->packed);
	buf_reset(&b->sealed);
	if (!zstd_pack(buf_view(&b->plain), &b->packed))
		return false;
	size = (uint32_t)(b->packed.n + SEAL_OVERHEAD);
	buf_add(&b->sealed, &size, sizeof size);
	if ((out = buf_grow(&b->sealed, size)) == NULL)
		return false;
	gcm_seal(key, bound(aad, name, number, last), buf_view(&b->packed), out);
	return true;
}

static enum err
write_blocks(int out, const char *name, const unsigned char key[KEY_SIZE], int fd, uint64_t offset,
        uint64_t n, struct blocks *b, char *why)
{
	for (unsigned number = 0; n > 0 || number == 0; number++) {
		size_t take = n < BLOCK ? (size_t)n : BLOCK;
		void *room;

		buf_reset(&b->plain);
		room = buf_grow(&b->plain, take);
		if ((take > 0 && (room == NULL || !read_all(fd, room, take, offset))) ||
		        !block_seal(b, name, key, number, n == take))
			return failed("cannot read for", name, why);
		if (!write_all(out, b->sealed.p, b->sealed.n))
			return failed("cannot write", name, why);
		offset += take;
		n -= take;
	}
	return OK;
}

enum err
backup_file_write(int out, const char *name, const unsigned char key[KEY_SIZE], int fd, uint64_t offset,
        uint64_t n, char *why)
{
	struct blocks b;
	enum err err;

	blocks_init(&b);
	err = write_blocks(out, name, key, fd, offset, n, &b, why);
	blocks_free(&b);
	return err;
}

/* ---- reading */

static enum err
changed(const char *name, unsigned number, char *why)
{
	snprintf(why, 200, "%.140s: block %u was changed, cut or moved", name, number);
	return ERR_INTERNAL;
}

/* Opens one sealed block as number `number`; tries it as the last one too, and says which it was. */
static bool
block_open(struct blocks *b, const char *name, const unsigned char key[KEY_SIZE], unsigned number, bool *last)
{
	struct blob sealed = { (const unsigned char *)b->sealed.p, b->sealed.n };
	unsigned char *out;
	char aad[256];

	buf_reset(&b->packed);
	buf_reset(&b->plain);
	if (sealed.n <= SEAL_OVERHEAD || (out = buf_grow(&b->packed, sealed.n - SEAL_OVERHEAD)) == NULL)
		return false;
	*last = false;
	if (!gcm_open(key, bound(aad, name, number, false), sealed, out)) {
		*last = true;
		if (!gcm_open(key, bound(aad, name, number, true), sealed, out))
			return false;
	}
	return zstd_unpack(buf_view(&b->packed), BLOCK, &b->plain) == OK;
}

static enum err
read_blocks(int in, const char *name, const unsigned char key[KEY_SIZE], int fd, struct blocks *b, char *why)
{
	uint64_t offset = 0;
	bool last = false;

	for (unsigned number = 0; !last; number++) {
		uint32_t size;
		void *room;

		if (!read_all(in, &size, sizeof size, offset) || size > SEALED_MAX + SEAL_OVERHEAD)
			return changed(name, number, why);
		buf_reset(&b->sealed);
		room = buf_grow(&b->sealed, size);
		if (room == NULL || !read_all(in, room, size, offset + sizeof size) ||
		        !block_open(b, name, key, number, &last))
			return changed(name, number, why);
		if (!write_all(fd, b->plain.p, b->plain.n))
			return failed("cannot write from", name, why);
		offset += sizeof size + size;
	}
	return OK;
}

enum err
backup_file_read(int in, const char *name, const unsigned char key[KEY_SIZE], int fd, char *why)
{
	struct blocks b;
	enum err err;

	blocks_init(&b);
	err = read_blocks(in, name, key, fd, &b, why);
	blocks_free(&b);
	return err;
}
