-- records.sql - every statement of the medical records.
-- :include features/records/records_rows.h

-- :stmt record_get one record tenant care together
-- :in id id, bool deleted
SELECT r.id, r.patient_id, r.doctor_id, r.title_sealed, r.diagnosis_sealed, r.treatment_sealed, r.notes_sealed,
       r.priority, r.version, r.created_at, r.updated_at, r.deleted_at
  FROM medical_record r
 WHERE r.tenant_id = :tenant AND r.id = :id AND (r.deleted_at IS NULL OR :deleted = 1) AND @care(r.patient_id);

-- :stmt record_insert change write tenant
-- :in id id, id patient_id, id doctor_id, sealed title, sealed diagnosis, sealed treatment, sealed notes, text priority, time at, text source
-- :seals medical_record row id key patient_id
INSERT INTO medical_record(tenant_id, id, patient_id, doctor_id, title_sealed, diagnosis_sealed, treatment_sealed,
                           notes_sealed, priority, version, created_at, updated_at, source)
VALUES (:tenant, :id, :patient_id, :doctor_id, :title, :diagnosis, :treatment, :notes, :priority, 1, :at, :at, :source);

-- :stmt record_update change write tenant
-- :in id id, id patient_id, int version, sealed title, sealed diagnosis, sealed treatment, sealed notes, text priority
-- :seals medical_record row id key patient_id
UPDATE medical_record SET title_sealed = :title, diagnosis_sealed = :diagnosis, treatment_sealed = :treatment,
       notes_sealed = :notes, priority = :priority, version = version + 1, updated_at = :now
 WHERE tenant_id = :tenant AND id = :id AND patient_id = :patient_id AND version = :version AND deleted_at IS NULL;

-- :stmt record_version_insert change write tenant
-- :in id id, id record_id, int version, id patient_id, id author_id, sealed title, sealed diagnosis, sealed treatment, sealed notes, text priority, time at
-- :seals medical_record_version row id key patient_id
INSERT INTO medical_record_version(tenant_id, id, record_id, version, patient_id, author_id, title_sealed,
                                   diagnosis_sealed, treatment_sealed, notes_sealed, priority, at)
VALUES (:tenant, :id, :record_id, :version, :patient_id, :author_id, :title, :diagnosis, :treatment, :notes,
        :priority, :at);

-- :stmt record_version_list many record_version tenant
-- :in id record_id
SELECT v.id, v.record_id, v.patient_id, v.author_id, v.version, v.title_sealed, v.diagnosis_sealed,
       v.treatment_sealed, v.notes_sealed, v.priority, v.at
  FROM medical_record_version v
 WHERE v.tenant_id = :tenant AND v.record_id = :record_id ORDER BY v.version;

-- :stmt record_remove change write tenant
-- :in id id, id patient_id, sealed delete_reason
-- :seals medical_record row id key patient_id
UPDATE medical_record SET deleted_at = :now, delete_reason_sealed = :delete_reason, version = version + 1, updated_at = :now
 WHERE tenant_id = :tenant AND id = :id AND patient_id = :patient_id AND deleted_at IS NULL;

-- :stmt record_restore change write tenant
-- :in id id
UPDATE medical_record SET deleted_at = NULL, delete_reason_sealed = NULL, version = version + 1, updated_at = :now
 WHERE tenant_id = :tenant AND id = :id AND deleted_at IS NOT NULL;

-- :stmt record_words_put none write tenant later
-- :in id patient_id, id record_id, blob words, int bloom_low, int bloom_high
INSERT INTO record_words(tenant_id, patient_id, record_id, words, bloom_low, bloom_high)
VALUES (:tenant, :patient_id, :record_id, :words, :bloom_low, :bloom_high)
    ON CONFLICT (tenant_id, patient_id, record_id)
    DO UPDATE SET words = excluded.words, bloom_low = excluded.bloom_low, bloom_high = excluded.bloom_high;

-- :stmt record_words_deleted none write tenant later
-- :in id patient_id, id record_id, bool deleted
UPDATE record_words SET deleted = :deleted
 WHERE tenant_id = :tenant AND patient_id = :patient_id AND record_id = :record_id;

-- :stmt record_list_all many record tenant care
-- :in id before, bool deleted, text priority, time from_at, time to_at, int row_limit
SELECT r.id, r.patient_id, r.doctor_id, r.title_sealed, r.diagnosis_sealed, r.treatment_sealed, r.notes_sealed,
       r.priority, r.version, r.created_at, r.updated_at, r.deleted_at
  FROM medical_record r
 WHERE r.tenant_id = :tenant AND r.id < :before AND (r.deleted_at IS NOT NULL) = (:deleted = 1)
   AND (CAST(:priority AS TEXT) IS NULL OR r.priority = :priority)
   AND (CAST(:from_at AS BIGINT) IS NULL OR r.created_at >= :from_at)
   AND (CAST(:to_at AS BIGINT) IS NULL OR r.created_at < :to_at)
   AND @care(r.patient_id)
 ORDER BY r.id DESC LIMIT :row_limit;

-- A chart, newest first. Each record has one row in record_words, deleted ones and those of
-- an erased chart too; on SQLite these rows are what lies in the order of patients.
-- :stmt record_list_patient many record tenant care
-- :in id patient_id, id doctor_id, id before, bool deleted, text priority, time from_at, time to_at, int row_limit
SELECT r.id, r.patient_id, r.doctor_id, r.title_sealed, r.diagnosis_sealed, r.treatment_sealed, r.notes_sealed,
       r.priority, r.version, r.created_at, r.updated_at, r.deleted_at
-- :sqlite
  FROM record_words w CROSS JOIN medical_record r
 WHERE w.tenant_id = :tenant AND w.patient_id = :patient_id AND w.record_id < :before
   AND r.id = w.record_id AND r.tenant_id = :tenant AND r.patient_id = :patient_id
-- :postgres
  FROM medical_record r
 WHERE r.tenant_id = :tenant AND r.patient_id = :patient_id AND r.id < :before
-- :both
   AND (CAST(:doctor_id AS @blob) IS NULL OR r.doctor_id = :doctor_id)
   AND (r.deleted_at IS NOT NULL) = (:deleted = 1)
   AND (CAST(:priority AS TEXT) IS NULL OR r.priority = :priority)
   AND (CAST(:from_at AS BIGINT) IS NULL OR r.created_at >= :from_at)
   AND (CAST(:to_at AS BIGINT) IS NULL OR r.created_at < :to_at)
   AND @care(r.patient_id)
-- :sqlite
 ORDER BY w.record_id DESC LIMIT :row_limit;
-- :postgres
 ORDER BY r.id DESC LIMIT :row_limit;
-- :both

-- :stmt record_list_doctor many record tenant care
-- :in id doctor_id, id before, bool deleted, text priority, time from_at, time to_at, int row_limit
SELECT r.id, r.patient_id, r.doctor_id, r.title_sealed, r.diagnosis_sealed, r.treatment_sealed, r.notes_sealed,
       r.priority, r.version, r.created_at, r.updated_at, r.deleted_at
  FROM medical_record r
 WHERE r.tenant_id = :tenant AND r.doctor_id = :doctor_id AND r.id < :before
   AND (r.deleted_at IS NOT NULL) = (:deleted = 1)
   AND (CAST(:priority AS TEXT) IS NULL OR r.priority = :priority)
   AND (CAST(:from_at AS BIGINT) IS NULL OR r.created_at >= :from_at)
   AND (CAST(:to_at AS BIGINT) IS NULL OR r.created_at < :to_at)
   AND @care(r.patient_id)
 ORDER BY r.id DESC LIMIT :row_limit;

-- ---- search: through the words of the patients one may see. CROSS JOIN keeps SQLite from
-- turning it round; only what filters by more than words opens the records it passes by.
-- PostgreSQL reads the key's index alone, which holds the words' filter; of what that lets pass the words
-- are read newest first, until there are enough.

-- :stmt record_search_patient many record tenant care
-- :in id patient_id, blob t1, blob t2, blob t3, blob t4, blob t5, blob t6, int bloom_low, int bloom_high, id doctor_id, id before, bool deleted, bool filtered, text priority, time from_at, time to_at, int row_limit
SELECT r.id, r.patient_id, r.doctor_id, r.title_sealed, r.diagnosis_sealed, r.treatment_sealed, r.notes_sealed,
       r.priority, r.version, r.created_at, r.updated_at, r.deleted_at
  FROM (SELECT w.record_id FROM
-- :postgres
       (SELECT w.patient_id, w.record_id FROM
-- :both
       record_words w
 WHERE w.tenant_id = :tenant AND w.patient_id = :patient_id AND w.record_id < :before AND w.deleted = :deleted AND @care(w.patient_id)
   AND (w.bloom_low & :bloom_low) = :bloom_low AND (w.bloom_high & :bloom_high) = :bloom_high
-- :sqlite
   AND instr(w.words, :t1) > 0
   AND (CAST(:t2 AS @blob) IS NULL OR instr(w.words, :t2) > 0)
   AND (CAST(:t3 AS @blob) IS NULL OR instr(w.words, :t3) > 0)
   AND (CAST(:t4 AS @blob) IS NULL OR instr(w.words, :t4) > 0)
   AND (CAST(:t5 AS @blob) IS NULL OR instr(w.words, :t5) > 0)
   AND (CAST(:t6 AS @blob) IS NULL OR instr(w.words, :t6) > 0)
-- :postgres
 ORDER BY w.record_id DESC OFFSET 0) w
 CROSS JOIN LATERAL (SELECT l.words FROM record_words l
 WHERE l.tenant_id = :tenant AND l.patient_id = w.patient_id AND l.record_id = w.record_id OFFSET 0) x
 WHERE position(:t1 IN x.words) > 0
   AND (CAST(:t2 AS @blob) IS NULL OR position(:t2 IN x.words) > 0)
   AND (CAST(:t3 AS @blob) IS NULL OR position(:t3 IN x.words) > 0)
   AND (CAST(:t4 AS @blob) IS NULL OR position(:t4 IN x.words) > 0)
   AND (CAST(:t5 AS @blob) IS NULL OR position(:t5 IN x.words) > 0)
   AND (CAST(:t6 AS @blob) IS NULL OR position(:t6 IN x.words) > 0)
-- :both
   AND (:filtered = 0 OR EXISTS (SELECT 1 FROM medical_record f WHERE f.id = w.record_id
   AND (CAST(:doctor_id AS @blob) IS NULL OR f.doctor_id = :doctor_id)
   AND (CAST(:priority AS TEXT) IS NULL OR f.priority = :priority)
   AND (CAST(:from_at AS BIGINT) IS NULL OR f.created_at >= :from_at)
   AND (CAST(:to_at AS BIGINT) IS NULL OR f.created_at < :to_at)))
 ORDER BY w.record_id DESC LIMIT :row_limit) m
  JOIN medical_record r ON r.id = m.record_id ORDER BY r.id DESC;

-- :stmt record_search_care many record tenant care
-- :in blob t1, blob t2, blob t3, blob t4, blob t5, blob t6, int bloom_low, int bloom_high, id doctor_id, id before, bool deleted, bool filtered, text priority, time from_at, time to_at, int row_limit
SELECT r.id, r.patient_id, r.doctor_id, r.title_sealed, r.diagnosis_sealed, r.treatment_sealed, r.notes_sealed,
       r.priority, r.version, r.created_at, r.updated_at, r.deleted_at
  FROM (SELECT w.record_id FROM
-- :postgres
       (SELECT w.patient_id, w.record_id FROM
-- :both
       (SELECT DISTINCT k.patient_id FROM care k
         WHERE k.tenant_id = :tenant AND k.user_id = :actor AND k.until > :now AND :reach = 2) k
 CROSS JOIN record_words w
 WHERE w.tenant_id = :tenant AND w.patient_id = k.patient_id AND w.record_id < :before AND w.deleted = :deleted
   AND (w.bloom_low & :bloom_low) = :bloom_low AND (w.bloom_high & :bloom_high) = :bloom_high
-- :sqlite
   AND instr(w.words, :t1) > 0
   AND (CAST(:t2 AS @blob) IS NULL OR instr(w.words, :t2) > 0)
   AND (CAST(:t3 AS @blob) IS NULL OR instr(w.words, :t3) > 0)
   AND (CAST(:t4 AS @blob) IS NULL OR instr(w.words, :t4) > 0)
   AND (CAST(:t5 AS @blob) IS NULL OR instr(w.words, :t5) > 0)
   AND (CAST(:t6 AS @blob) IS NULL OR instr(w.words, :t6) > 0)
-- :postgres
 ORDER BY w.record_id DESC OFFSET 0) w
 CROSS JOIN LATERAL (SELECT l.words FROM record_words l
 WHERE l.tenant_id = :tenant AND l.patient_id = w.patient_id AND l.record_id = w.record_id OFFSET 0) x
 WHERE position(:t1 IN x.words) > 0
   AND (CAST(:t2 AS @blob) IS NULL OR position(:t2 IN x.words) > 0)
   AND (CAST(:t3 AS @blob) IS NULL OR position(:t3 IN x.words) > 0)
   AND (CAST(:t4 AS @blob) IS NULL OR position(:t4 IN x.words) > 0)
   AND (CAST(:t5 AS @blob) IS NULL OR position(:t5 IN x.words) > 0)
   AND (CAST(:t6 AS @blob) IS NULL OR position(:t6 IN x.words) > 0)
-- :both
   AND (:filtered = 0 OR EXISTS (SELECT 1 FROM medical_record f WHERE f.id = w.record_id
   AND (CAST(:doctor_id AS @blob) IS NULL OR f.doctor_id = :doctor_id)
   AND (CAST(:priority AS TEXT) IS NULL OR f.priority = :priority)
   AND (CAST(:from_at AS BIGINT) IS NULL OR f.created_at >= :from_at)
   AND (CAST(:to_at AS BIGINT) IS NULL OR f.created_at < :to_at)))
 ORDER BY w.record_id DESC LIMIT :row_limit) m
  JOIN medical_record r ON r.id = m.record_id ORDER BY r.id DESC;
