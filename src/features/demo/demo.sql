-- demo.sql - how much there is to see, for the lines that serve --demo prints, and what volume.c reads.
-- :include features/demo/demo.h
-- :include features/demo/volume.h

-- :stmt demo_count one demo_figures tenant
SELECT (SELECT COUNT(*) FROM patient WHERE tenant_id = :tenant AND deleted_at IS NULL AND source IS NULL) AS typed,
       (SELECT COUNT(*) FROM patient WHERE tenant_id = :tenant AND deleted_at IS NULL AND source IS NOT NULL) AS imported,
       (SELECT COUNT(*) FROM medical_record WHERE tenant_id = :tenant AND deleted_at IS NULL) AS records,
       (SELECT COUNT(*) FROM hansen_case WHERE tenant_id = :tenant) AS cases;

-- :stmt volume_newest many volume_record tenant
-- :in int row_limit
SELECT id, patient_id FROM medical_record WHERE tenant_id = :tenant ORDER BY id DESC LIMIT :row_limit;
