-- extracts.sql - who may stand in an extract, and each one's newest record.
-- :include features/extracts/extracts_rows.h

-- :stmt extract_people many extract_person tenant
-- :in int row_limit
SELECT p.id, p.birth_date_sealed, p.sex FROM patient p
 WHERE p.tenant_id = :tenant AND p.deleted_at IS NULL AND p.restricted_at IS NULL ORDER BY p.id LIMIT :row_limit;

-- :stmt extract_visits many extract_visit tenant
-- :in int row_limit
-- :sqlite
SELECT r.id, r.patient_id, r.diagnosis_sealed, r.created_at FROM record_words w CROSS JOIN medical_record r
 WHERE w.tenant_id = :tenant AND w.record_id =
       (SELECT x.record_id FROM record_words x WHERE x.tenant_id = :tenant AND x.patient_id = w.patient_id AND x.deleted = 0
         ORDER BY x.record_id DESC LIMIT 1)
   AND r.id = w.record_id AND r.tenant_id = :tenant AND r.patient_id = w.patient_id AND r.deleted_at IS NULL
 ORDER BY w.patient_id LIMIT :row_limit;
-- :postgres
SELECT r.id, r.patient_id, r.diagnosis_sealed, r.created_at FROM medical_record r
 WHERE r.tenant_id = :tenant AND r.deleted_at IS NULL AND r.id =
       (SELECT x.id FROM medical_record x WHERE x.tenant_id = :tenant AND x.patient_id = r.patient_id AND x.deleted_at IS NULL
         ORDER BY x.id DESC LIMIT 1)
 ORDER BY r.patient_id LIMIT :row_limit;
-- :both
