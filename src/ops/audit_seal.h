/* audit_seal.h - closes the audit trail batch by batch: a Merkle tree over what
 * was committed since the last batch, and a signed head that names the head before
 * it.  A server does it once a second in a thread of its own, so that requests do
 * not pay for it; a command that wrote entries without a server does it at its end.
 * With several servers on one database each batch is sealed by whichever is first. */
#ifndef OPS_AUDIT_SEAL_H
#define OPS_AUDIT_SEAL_H

#include "store/trail.h"

struct audit_sealer;

/* Returns when the signing key is there and the trail's order is sure (trail_open), so
 * before the first request is served.  heads_file is "" or where every head is
 * appended too (audit_heads.h).  why (WHY_SIZE) says what is wrong. */
enum err audit_seal_start(struct store *, struct keyring *, const char *heads_file, struct audit_sealer **out,
        char *why) MUST_CHECK;
/* Seals what is left, then ends; NULL is fine. */
void audit_seal_stop(struct audit_sealer *);

/* Everything that can be sealed now. */
enum err audit_seal_now(struct store *, struct keyring *, int64_t *batches, char *why) MUST_CHECK;

#endif
