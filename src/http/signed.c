/* signed.c - SHA-256 and an Ed25519 signature with the institution's key. */
#include "http/signed.h"
#include "base/json.h"
#include "http/route.h"
#include "store/seal.h"
#include "sys/crypto.h"

enum { ENCRYPTED_MAX = 60 << 20 };

static const struct field signed_fields[] = {
	FIELD(signed_document, format, .sens = SENS_PLAIN),
	FIELD(signed_document, media_type, .sens = SENS_PLAIN),
	FIELD(signed_document, made_by, .sens = SENS_PLAIN, .summary = "Program and version"),
	FIELD(signed_document, document, .sens = SENS_PLAIN,
	        .summary = "The document, as text of the media type"),
	FIELD(signed_document, sha256, .sens = SENS_PLAIN, .summary = "Of the document's UTF-8 bytes, hex"),
	FIELD(signed_document, signature, .sens = SENS_PLAIN,
	        .summary = "Ed25519 over the document's bytes, base64url"),
	FIELD(signed_document, public_key, .sens = SENS_PLAIN, .summary = "Of the institution, base64url"),
};
const struct type signed_document_type = TYPE(signed_document, signed_fields);

enum err
document_sign(struct ctx *ctx, struct signed_document *out)
{
	unsigned char sum[SHA256_SIZE], pub[32], sig[64];
	char *hex = arena_fixed(ctx->arena, 2 * SHA256_SIZE + 1), *s = arena_fixed(ctx->arena, 96),
	     *p = arena_fixed(ctx->arena, 64);

	sha256(out->document.p, out->document.n, sum);
	TRY(seal_sign(ctx, out->document, pub, sig));
	hex_print(sum, sizeof sum, hex);
	out->made_by = STR(PROGRAM);
	out->sha256 = str_of(hex);
	out->signature = (struct str){ s, base64url_print(sig, sizeof sig, s) };
	out->public_key = (struct str){ p, base64url_print(pub, sizeof pub, p) };
	return OK;
}

enum err
req_encrypted(
        struct req *req, struct str passphrase, const struct type *t, const void *obj, const char *filename)
{
	struct ctx *ctx = req_ctx(req);
	struct str bytes = { NULL, 0 };
	struct buf plain, sealed;
	enum err err;

	buf_init(&plain, ENCRYPTED_MAX);
	buf_init(&sealed, ENCRYPTED_MAX);
	json_write(ctx, &plain, t, obj, role_mask((enum role)ctx->role));
	buf_byte(&plain, '\n');
	err = buf_err(&plain);
	if (err == OK)
		err = age_seal(passphrase, buf_view(&plain), &sealed);
	if (err == OK && (err = buf_err(&sealed)) == OK)
		bytes = arena_str(ctx->arena, buf_view(&sealed));
	buf_free(&sealed);
	buf_free(&plain);
	if (err == OK && !str_is_set(bytes))
		err = ERR_TOO_LARGE;
	return err == OK ? req_bytes(req, bytes, filename) : fail(ctx, err, "an encrypted file");
}

void
html_text(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '<': buf_text(b, "&lt;"); break;
		case '>': buf_text(b, "&gt;"); break;
		case '&': buf_text(b, "&amp;"); break;
		case '"': buf_text(b, "&quot;"); break;
		case '\n': buf_text(b, "<br>"); break;
		default: buf_byte(b, s.p[i]);
		}
}

void
html_day(struct buf *b, struct date d)
{
	if (date_is_set(d))
		buf_printf(b, "%02d/%02d/%04d", d.day, d.month, d.year);
}

void
html_made(struct buf *b, struct instant at)
{
	char text[INSTANT_TEXT + 1];

	instant_print(at, text);
	buf_printf(b, "<footer><p>Emitido por %s em %s</p></footer>\n", PROGRAM, text);
}
