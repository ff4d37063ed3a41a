-- 0013_chart_by_words: each record has its row of words, if an empty one. On SQLite that row
-- lies in the order of patients anyway, so a chart is read through it and the index that had
-- the same order goes: it was 68 of the 250 pages that 64 new records wrote. PostgreSQL keeps
-- the index, because its rows lie in no order.
-- :postgres
ALTER TABLE medical_record NO FORCE ROW LEVEL SECURITY;
ALTER TABLE record_words NO FORCE ROW LEVEL SECURITY;
-- :both
INSERT INTO record_words(tenant_id, patient_id, record_id, words, deleted)
	SELECT r.tenant_id, r.patient_id, r.id, CAST('' AS @blob), CASE WHEN r.deleted_at IS NULL THEN 0 ELSE 1 END
	  FROM medical_record r
	 WHERE NOT EXISTS (SELECT 1 FROM record_words w
	        WHERE w.tenant_id = r.tenant_id AND w.patient_id = r.patient_id AND w.record_id = r.id);
-- :sqlite
DROP INDEX record_by_patient;
-- :postgres
ALTER TABLE medical_record FORCE ROW LEVEL SECURITY;
ALTER TABLE record_words FORCE ROW LEVEL SECURITY;
-- :both
