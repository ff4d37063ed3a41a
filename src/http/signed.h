/* signed.h - a document that leaves as text beside its digest and the institution's
 * signature, so that who receives it can tell that nothing was changed. */
#ifndef HTTP_SIGNED_H
#define HTTP_SIGNED_H

#include "base/type.h"

struct signed_document {
	struct str format, media_type, document, sha256, signature, public_key;
};
extern const struct type signed_document_type;

/* Fills in sha256, signature and public_key of out->document. */
enum err document_sign(struct ctx *, struct signed_document *out) MUST_CHECK;

/* ---- for documents that are pages */
struct buf;
/* Text inside HTML: < > & " escaped, a line's end is <br>. */
void html_text(struct buf *, struct str);
/* DD/MM/AAAA, as it is read in Brazil; nothing when absent. */
void html_day(struct buf *, struct date);

#endif
