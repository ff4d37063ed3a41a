/* signed.c - SHA-256 and an Ed25519 signature with the institution's key. */
#include "http/signed.h"
#include "base/buf.h"
#include "store/seal.h"
#include "sys/crypto.h"

static const struct field signed_fields[] = {
	FIELD(signed_document, format, .sens = SENS_PLAIN),
	FIELD(signed_document, media_type, .sens = SENS_PLAIN),
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
	out->sha256 = str_of(hex);
	out->signature = (struct str){ s, base64url_print(sig, sizeof sig, s) };
	out->public_key = (struct str){ p, base64url_print(pub, sizeof pub, p) };
	return OK;
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
