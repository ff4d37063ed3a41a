-- audit_ops.sql - batches of the audit trail: written, read, pruned.
-- :include store/trail.h

-- Everything below it is committed or never will be.
-- :stmt audit_horizon  one trail_number
-- :sqlite
SELECT COALESCE(MAX(seq), 0) + 1 AS n FROM audit_entry;
-- :postgres
SELECT audit_epoch_horizon() AS n;

-- How many wait to be sealed, counted up to a ceiling.
-- :stmt audit_waiting  one trail_number
-- :in int range_from, int row_limit
-- :sqlite
SELECT COUNT(*) AS n FROM (SELECT 1 FROM audit_entry WHERE seq >= :range_from LIMIT :row_limit) w;
-- :postgres
SELECT COUNT(*) AS n FROM (SELECT 1 FROM audit_entry WHERE epoch >= :range_from LIMIT :row_limit) w;
-- :both

-- :stmt audit_last_batch  many trail_batch
SELECT number, range_from, range_to, entry_count, at, root, previous, key_id, signature, pruned_at, prune_key_id,
       prune_signature, CAST(NULL AS @blob) AS records
  FROM audit_batch ORDER BY number DESC LIMIT 1;

-- :stmt audit_batches  many trail_batch
-- :in int number, int row_limit
SELECT number, range_from, range_to, entry_count, at, root, previous, key_id, signature, pruned_at, prune_key_id,
       prune_signature, CAST(NULL AS @blob) AS records
  FROM audit_batch WHERE number >= :number ORDER BY number LIMIT :row_limit;

-- :stmt audit_batches_whole  many trail_batch
-- :in int number, int row_limit
SELECT number, range_from, range_to, entry_count, at, root, previous, key_id, signature, pruned_at, prune_key_id,
       prune_signature, records
  FROM audit_batch WHERE number >= :number ORDER BY number LIMIT :row_limit;

-- The first batch sealed at or after an instant, and those behind it.
-- :stmt audit_batches_since  many trail_batch
-- :in time since, int row_limit
SELECT number, range_from, range_to, entry_count, at, root, previous, key_id, signature, pruned_at, prune_key_id,
       prune_signature, CAST(NULL AS @blob) AS records
  FROM audit_batch WHERE at >= :since ORDER BY at, number LIMIT :row_limit;

-- :stmt audit_batches_kept  many trail_batch
-- :in int number, int row_limit
SELECT number, range_from, range_to, entry_count, at, root, previous, key_id, signature, pruned_at, prune_key_id,
       prune_signature, records
  FROM audit_batch WHERE number >= :number AND pruned_at IS NULL ORDER BY number LIMIT :row_limit;

-- :stmt audit_batch_add  none  write
-- :in int number, int range_from, int range_to, int entry_count, time at, blob root, blob previous, blob key_id
-- :in blob signature, blob records
INSERT INTO audit_batch (number, range_from, range_to, entry_count, at, root, previous, key_id, signature, records)
VALUES (:number, :range_from, :range_to, :entry_count, :at, :root, :previous, :key_id, :signature, :records);

-- :stmt audit_batch_prune  change  write
-- :in int number, time pruned_at, blob key_id, blob signature
UPDATE audit_batch SET pruned_at = :pruned_at, prune_key_id = :key_id, prune_signature = :signature, records = NULL
 WHERE number = :number AND pruned_at IS NULL;

-- :stmt audit_entries_remove  none  write
-- :in int range_from, int range_to
-- :sqlite
DELETE FROM audit_entry WHERE seq >= :range_from AND seq < :range_to;
-- :postgres
DELETE FROM audit_entry WHERE epoch >= :range_from AND epoch < :range_to;
-- :both

-- The trail by patient (migration 0009): where its runs end; the end of a run of so many entries, 0 while there
-- are fewer; the run itself.
-- :stmt audit_runs_end  one trail_number
SELECT COALESCE((SELECT range_to FROM audit_run ORDER BY range_from DESC LIMIT 1), 0) AS n;

-- :stmt audit_run_end  one trail_number
-- :in int range_from, int size
-- :sqlite
SELECT CASE WHEN COUNT(*) < :size THEN 0 ELSE MAX(o) + 1 END AS n
  FROM (SELECT seq AS o FROM audit_entry WHERE seq >= :range_from ORDER BY seq LIMIT :size) w;
-- :postgres
SELECT CASE WHEN COUNT(*) < :size THEN 0 ELSE MAX(o) + 1 END AS n
  FROM (SELECT epoch AS o FROM audit_entry WHERE epoch >= :range_from ORDER BY epoch LIMIT :size) w;
-- :both

-- :stmt audit_run_add  none  write
-- :in int range_from, int range_to
INSERT INTO audit_run(range_from, range_to) VALUES (:range_from, :range_to);

-- :stmt audit_run_fill  none  write
-- :in int range_from, int range_to
-- :sqlite
INSERT INTO audit_patient(run, patient_id, seq) SELECT :range_from, patient_id, seq FROM audit_entry
 WHERE seq >= :range_from AND seq < :range_to AND patient_id IS NOT NULL ORDER BY patient_id, seq;
-- :postgres
INSERT INTO audit_patient(run, patient_id, seq) SELECT :range_from, patient_id, seq FROM audit_entry
 WHERE epoch >= :range_from AND epoch < :range_to AND patient_id IS NOT NULL ORDER BY patient_id, seq;
-- :both

-- :stmt audit_patients_remove  none  write
-- :in int range_to
DELETE FROM audit_patient WHERE run IN (SELECT range_from FROM audit_run WHERE range_to <= :range_to);

-- :stmt audit_runs_remove  none  write
-- :in int range_to
DELETE FROM audit_run WHERE range_to <= :range_to;

-- One sealer at a time on PostgreSQL; on SQLite the writer's turn is enough.
-- :stmt audit_lock  one trail_number
-- :sqlite
SELECT CAST(1 AS INTEGER) AS n;
-- :postgres
SELECT CASE WHEN pg_try_advisory_xact_lock(4774451407313060418) THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS n;
