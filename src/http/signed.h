/* signed.h - a document that leaves as text beside its digest and the institution's
 * signature, so that who receives it can tell that nothing was changed. */
#ifndef HTTP_SIGNED_H
#define HTTP_SIGNED_H

#include "base/type.h"
#include "sys/age.h"

struct signed_document {
	struct str format, media_type, made_by, document, sha256, signature, public_key;
};
extern const struct type signed_document_type;

/* Fills in made_by, and sha256, signature and public_key of out->document. */
enum err document_sign(struct ctx *, struct signed_document *out) MUST_CHECK;

/* ---- for what leaves under a passphrase of the person's own (sys/age.h) */
struct req;
/* The field of a body that holds it. */
#define PASSPHRASE_FIELD(s, m)                                                                               \
	FIELD(s, m, .sens = SENS_SECRET, .required = true, .min = PASSPHRASE_MIN, .max = PASSPHRASE_MAX,     \
	        .summary = "Opens the file; without it nobody can, nor is it kept here")
#define PASSPHRASE_PRODUCES "application/octet-stream"
/* Answers obj as JSON, masked for who asks, in an age file. ERR_TOO_LARGE, ERR_BUSY. */
enum err req_encrypted(struct req *, struct str passphrase, const struct type *, const void *obj,
        const char *filename) MUST_CHECK;

/* ---- for documents that are pages */
struct buf;
/* Text inside HTML: < > & " escaped, a line's end is <br>. */
void html_text(struct buf *, struct str);
/* DD/MM/AAAA, as it is read in Brazil; nothing when absent. */
void html_day(struct buf *, struct date);
/* The foot of a page: which program made it, its version, and when. */
void html_made(struct buf *, struct instant);

#endif
