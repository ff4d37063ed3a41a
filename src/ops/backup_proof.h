/* backup_proof.h - the restore that proves itself: the newest backup goes to a scratch
 * place, is opened, migrated and compared; the result is a signed record in the target. */
#ifndef OPS_BACKUP_PROOF_H
#define OPS_BACKUP_PROOF_H

#include "base/buf.h"
#include "ops/backup.h"
#include "ops/prove.h"

struct backup_proof_conf {
	const struct backup *backup;
	const char *scratch;     /* data_dir: a folder in its scratch folder is made and removed */
	struct store *source;    /* NULL: nothing to compare with */
	struct keyring *keyring; /* NULL: the audit trail and charts stay closed */
	backup_progress_fn *progress;
	/* PostgreSQL: pgBackRest's backup is restored instead; NULL: the embedded database's. */
	const struct conf *postgres;
};
/* Texts of *out go to the arena. What failed stands in out->why and is recorded too; an
 * error is about the recording alone. why: 200 bytes. */
enum err backup_prove(
        struct arena *, const struct backup_proof_conf *, struct proof *out, char *why) MUST_CHECK;

/* Removes what proofs of processes that are gone left in the directory. */
void backup_proof_sweep(const char *scratch);

/* ---- records: "proofs/TIME" in the target, JSON and an Ed25519 signature over it.  The
 * signing key rests beside them, wrapped by the backup key. */
struct proof_record {
	struct proof proof;
	bool signed_well; /* false: the record was changed, and proof says nothing */
};
/* The newest max ones, newest first. */
enum err backup_proofs(const struct backup *, struct arena *, struct proof_record *out, size_t max,
        size_t *count, char *why) MUST_CHECK;
/* The newest of them that is signed well and a full proof of its backup, or NULL. */
const struct proof *proofs_newest_good(const struct proof_record *, size_t count);
/* The name of the base of the newest good proof among the last ones; "" when there is none. */
enum err backup_newest_proven(
        const struct backup *, char name[static BACKUP_LABEL + 1], char *why) MUST_CHECK;
enum err proof_record_write(
        const struct backup *, struct arena *, const struct proof *, char *why) MUST_CHECK;
/* Behind a new backup key: the former one's records and their signing key are put aside as
 * "proofs/former-…", else nothing could be recorded any more. The first proof makes a new one. */
enum err proofs_begin_anew(const struct backup *, char *why) MUST_CHECK;
/* The newest one is no proof, not even a weaker one. */
bool proofs_failed_last(const struct proof_record *, size_t count);
/* Sets the metrics that tell of it; a weaker proof changes none. */
void proof_tell(const struct proof *);

/* ---- in the server: proves each new base, and the newest every backup_prove_hours, prunes
 * behind a good proof, and says so when none was good for backup_prove_max_hours. */
enum err backup_watch_open(const struct conf *, struct store *, struct keyring *, char *why) MUST_CHECK;
enum err backup_watch_start(char *why) MUST_CHECK; /* after open */
void backup_watch_stop(void);

#endif
