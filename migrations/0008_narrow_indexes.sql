-- 0008_narrow_indexes: what is written with every request goes to the end of something.
-- An index in the order of patients makes each entry and each word a page of its own to
-- read, to log and to write back; at 100 000 records that was most of a request's cost.

-- Who opened a patient's chart: the trail's entries in runs of a few thousand, each in
-- the order of patients. A run is written at once, when its entries are sealed
-- (docs/audit.md); whoever asks looks into every run, and through the entries behind
-- the last. Ranges are as in audit_batch: seq on SQLite, epoch on PostgreSQL.
DROP INDEX audit_by_patient;
CREATE TABLE audit_run (
	range_from BIGINT NOT NULL PRIMARY KEY,
	range_to BIGINT NOT NULL
);
CREATE TABLE audit_patient (
	run BIGINT NOT NULL,
	patient_id @blob NOT NULL,
	seq BIGINT NOT NULL,
	PRIMARY KEY (run, patient_id, seq)
) @without_rowid;

-- The words of a record in one row beside the others of its patient: 6 bytes a word, one
-- after another. Who searches sees the charts in his care and no others, so a search
-- reads through these.
-- :postgres
ALTER TABLE record_token NO FORCE ROW LEVEL SECURITY;
ALTER TABLE patient_token NO FORCE ROW LEVEL SECURITY;
ALTER TABLE medical_record NO FORCE ROW LEVEL SECURITY;
-- :both
CREATE TABLE record_words (
	tenant_id @blob NOT NULL,
	patient_id @blob NOT NULL,
	record_id @blob NOT NULL,
	words @blob NOT NULL,
	deleted BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (tenant_id, patient_id, record_id)
) @without_rowid;
-- :sqlite
INSERT INTO record_words(tenant_id, patient_id, record_id, words)
	SELECT tenant_id, patient_id, record_id, CAST(group_concat(substr(token, 1, 6), '') AS BLOB)
	  FROM record_token GROUP BY tenant_id, patient_id, record_id;
-- :postgres
INSERT INTO record_words(tenant_id, patient_id, record_id, words)
	SELECT tenant_id, patient_id, record_id, string_agg(substr(token, 1, 6), ''::BYTEA)
	  FROM record_token GROUP BY tenant_id, patient_id, record_id;
-- :both
UPDATE record_words SET deleted = 1
 WHERE record_id IN (SELECT id FROM medical_record WHERE deleted_at IS NOT NULL);
DROP TABLE record_token;
UPDATE patient_token SET token = substr(token, 1, 6);
-- :postgres
ALTER TABLE patient_token FORCE ROW LEVEL SECURITY;
ALTER TABLE medical_record FORCE ROW LEVEL SECURITY;
ALTER TABLE record_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE record_words FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON record_words USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
-- :both
