-- trail.sql - the trail's entries in their order, and the keys that sign for them.  What
-- orders is seq on SQLite, where one writer at a time numbers entries as they are
-- committed; on PostgreSQL, where it is not so, the epoch and within it seq.  An entry
-- whose epoch is its seq stands in SQLite's order: that is how entries of an embedded
-- database that was moved to PostgreSQL keep their hashes, and all of them read as absent.
-- :include store/trail.h

-- :stmt trail_epoch_raise  one trail_number  write
-- :sqlite
SELECT CAST(0 AS INTEGER) AS n;
-- :postgres
SELECT audit_epoch_raise() AS n;

-- :stmt trail_page  many trail_entry
-- :in int epoch, int seq, int row_limit
-- :sqlite
SELECT seq, epoch, id, tenant_id, at, event, actor_id, role, subject_id, patient_id, status, route, request_id,
       address, reason_sealed, before_sealed, after_sealed, extra
  FROM audit_entry WHERE seq > :seq AND :epoch IS NOT NULL ORDER BY seq LIMIT :row_limit;
-- :postgres
SELECT seq, NULLIF(epoch, seq) AS epoch, id, tenant_id, at, event, actor_id, role, subject_id, patient_id, status, route, request_id,
       address, reason_sealed, before_sealed, after_sealed, extra
  FROM audit_entry WHERE (epoch, seq) > (:epoch, :seq) ORDER BY audit_entry.epoch, seq LIMIT :row_limit;
-- :both

-- Where the next entry stands, for when it cannot be read.
-- :stmt trail_next_seq  one trail_number
-- :in int epoch, int seq
-- :sqlite
SELECT seq AS n FROM audit_entry WHERE seq > :seq AND :epoch IS NOT NULL ORDER BY seq LIMIT 1;
-- :postgres
SELECT seq AS n FROM audit_entry WHERE (epoch, seq) > (:epoch, :seq) ORDER BY epoch, seq LIMIT 1;
-- :both

-- :stmt trail_key_list  many trail_key_row
SELECT number, id, wrapped_seed, created_at FROM audit_key ORDER BY number;

-- :stmt trail_key_add  none  write
-- :in int number, blob id, blob wrapped_seed
INSERT INTO audit_key (number, id, wrapped_seed, created_at) VALUES (:number, :id, :wrapped_seed, :now);

-- :stmt trail_key_replace  change  write
-- :in int number, blob wrapped_seed, blob old
UPDATE audit_key SET wrapped_seed = :wrapped_seed WHERE number = :number AND wrapped_seed = :old;
