-- prove.sql - what a restored database and its source are compared by.
-- :include ops/prove_rows.h

-- :stmt prove_tenants  many prove_tenant
SELECT id FROM tenant ORDER BY id;

-- :stmt prove_newest_entry  one prove_number
SELECT COALESCE(MAX(at), 0) AS n FROM audit_entry;

-- :stmt prove_entries  one prove_number
-- :in int since, int until
SELECT COUNT(*) AS n FROM audit_entry WHERE at > :since AND at <= :until;

-- :stmt prove_patients  one prove_number  tenant
-- :in int until
SELECT COUNT(*) AS n FROM patient WHERE tenant_id = :tenant AND created_at <= :until;

-- :stmt prove_versions  one prove_number  tenant
-- :in int until
SELECT COUNT(*) AS n FROM medical_record_version WHERE tenant_id = :tenant AND at <= :until;

-- :stmt prove_records  one prove_number  tenant
-- :in int until
SELECT COUNT(*) AS n FROM medical_record WHERE tenant_id = :tenant AND created_at <= :until;

-- :stmt prove_sample  many prove_chart  tenant
-- :in id from_id
SELECT id, version, patient_id, doctor_id, title_sealed, diagnosis_sealed, treatment_sealed, notes_sealed, priority,
       created_at, updated_at
  FROM medical_record WHERE tenant_id = :tenant AND id >= :from_id ORDER BY id LIMIT 1;

-- :stmt prove_chart  many prove_chart  tenant
-- :in id id
SELECT id, version, patient_id, doctor_id, title_sealed, diagnosis_sealed, treatment_sealed, notes_sealed, priority,
       created_at, updated_at
  FROM medical_record WHERE tenant_id = :tenant AND id = :id;
