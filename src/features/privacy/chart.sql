-- chart.sql - a whole chart for its owner: everything about one patient, in the reader's reach.
-- :include features/privacy/chart.h

-- :stmt chart_records many chart_record tenant care
-- :in id patient_id
SELECT r.id, r.patient_id, r.doctor_id, r.title_sealed, r.diagnosis_sealed, r.treatment_sealed, r.notes_sealed,
       r.priority, r.version, r.created_at, r.updated_at, r.deleted_at
-- :sqlite
  FROM record_words w CROSS JOIN medical_record r
 WHERE w.tenant_id = :tenant AND w.patient_id = :patient_id AND r.id = w.record_id AND r.tenant_id = :tenant
   AND r.patient_id = :patient_id AND @care(r.patient_id) ORDER BY w.record_id;
-- :postgres
  FROM medical_record r WHERE r.tenant_id = :tenant AND r.patient_id = :patient_id AND @care(r.patient_id) ORDER BY r.id;
-- :both

-- :stmt chart_versions many chart_version tenant care
-- :in id patient_id
SELECT v.id, v.record_id, v.patient_id, v.author_id, v.version, v.title_sealed, v.diagnosis_sealed, v.treatment_sealed,
       v.notes_sealed, v.priority, v.at
  FROM medical_record_version v WHERE v.tenant_id = :tenant AND v.patient_id = :patient_id AND @care(v.patient_id)
 ORDER BY v.record_id, v.version;

-- :stmt chart_accesses many chart_access tenant
-- :in id patient_id
SELECT e.at, e.event, e.actor_id, e.role, e.status FROM audit_entry e
 WHERE e.tenant_id = :tenant AND e.patient_id = :patient_id AND e.seq IN (
       SELECT p.seq FROM audit_run u CROSS JOIN audit_patient p WHERE p.run = u.range_from AND p.patient_id = :patient_id
        UNION ALL
       SELECT t.seq FROM audit_entry t WHERE t.patient_id = :patient_id
-- :sqlite
          AND t.seq >= COALESCE((SELECT u.range_to FROM audit_run u ORDER BY u.range_from DESC LIMIT 1), 0)) ORDER BY e.seq DESC LIMIT 10000;
-- :postgres
          AND t.epoch >= COALESCE((SELECT u.range_to FROM audit_run u ORDER BY u.range_from DESC LIMIT 1), 0)) ORDER BY e.seq DESC LIMIT 10000;
-- :both

-- :stmt chart_consents many consent tenant care
-- :in id patient_id
SELECT c.id, c.patient_id, c.term_id, c.purpose, c.given_at, c.given_by, c.proof_sealed, c.withdrawn_at, c.withdrawn_by
  FROM consent c WHERE c.tenant_id = :tenant AND c.patient_id = :patient_id AND @care(c.patient_id) ORDER BY c.id;
