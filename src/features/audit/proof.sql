-- proof.sql - the signed heads, and what proves that an entry is under one.  Heads are
-- of the whole installation: they hold counts, times and hashes, nothing of an entry.
-- :include store/trail.h

-- Where a batch that covers an instant begins: entries of a time are found through
-- the batches of that time, without an index of their own.
-- :stmt proof_batch_at  many trail_number
-- :in time since
SELECT range_from AS n FROM audit_batch WHERE at >= :since ORDER BY at, number LIMIT 1;

-- :stmt proof_last  many trail_number
SELECT range_to AS n FROM audit_batch ORDER BY number DESC LIMIT 1;

-- :stmt proof_entry  many trail_entry  tenant
-- :in int range_from, int range_to, id id
-- :sqlite
SELECT seq, epoch, id, tenant_id, at, event, actor_id, role, subject_id, patient_id, status, route, request_id,
       address, reason_sealed, before_sealed, after_sealed, extra
  FROM audit_entry WHERE seq >= :range_from AND seq < :range_to AND +tenant_id = :tenant AND id = :id LIMIT 1;
-- :postgres
SELECT seq, NULLIF(epoch, seq) AS epoch, id, tenant_id, at, event, actor_id, role, subject_id, patient_id, status, route, request_id,
       address, reason_sealed, before_sealed, after_sealed, extra
  FROM audit_entry WHERE epoch >= :range_from AND epoch < :range_to AND tenant_id = :tenant AND id = :id LIMIT 1;
-- :both

-- :stmt proof_batch  many trail_batch
-- :in int key
SELECT number, range_from, range_to, entry_count, at, root, previous, key_id, signature, pruned_at, prune_key_id,
       prune_signature, records
  FROM audit_batch WHERE range_from <= :key ORDER BY range_from DESC LIMIT 1;

-- :stmt proof_heads  many trail_batch
-- :in int after, int row_limit
SELECT number, range_from, range_to, entry_count, at, root, previous, key_id, signature, pruned_at, prune_key_id,
       prune_signature, CAST(NULL AS @blob) AS records
  FROM audit_batch WHERE number > :after ORDER BY number LIMIT :row_limit;
