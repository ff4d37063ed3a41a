-- 0004_privacy: consent terms and consents, requests of data subjects, certificates of erasure.
CREATE TABLE consent_term (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	purpose TEXT NOT NULL,
	version BIGINT NOT NULL,
	title TEXT NOT NULL,
	body TEXT NOT NULL,
	published_at BIGINT NOT NULL,
	published_by @blob NOT NULL,
	UNIQUE (tenant_id, purpose, version)
);

-- Who agreed to which version of a term, how it was shown, and when it was taken back.
CREATE TABLE consent (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	patient_id @blob NOT NULL,
	term_id @blob NOT NULL,
	purpose TEXT NOT NULL,
	given_at BIGINT NOT NULL,
	given_by @blob NOT NULL,
	proof_sealed @blob,
	withdrawn_at BIGINT,
	withdrawn_by @blob
);
CREATE INDEX consent_by_patient ON consent(tenant_id, patient_id, id DESC);

CREATE TABLE subject_request (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	patient_id @blob NOT NULL,
	kind TEXT NOT NULL,
	status TEXT NOT NULL,
	opened_at BIGINT NOT NULL,
	opened_by @blob NOT NULL,
	due BIGINT NOT NULL,
	details_sealed @blob,
	answer_sealed @blob,
	decided_at BIGINT,
	decided_by @blob,
	version BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX subject_request_newest ON subject_request(tenant_id, id DESC);
CREATE INDEX subject_request_by_patient ON subject_request(tenant_id, patient_id, id DESC);

-- What remains of an erased chart: that it was, by whose decision, never what was in it.
CREATE TABLE erasure_certificate (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	patient_id @blob NOT NULL,
	request_id @blob NOT NULL,
	last_entry BIGINT NOT NULL,
	approval TEXT NOT NULL,
	at BIGINT NOT NULL,
	by_user @blob NOT NULL,
	records BIGINT NOT NULL
);
-- :postgres
ALTER TABLE consent_term ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_term FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON consent_term USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE consent ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON consent USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE subject_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE subject_request FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON subject_request USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE erasure_certificate ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasure_certificate FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON erasure_certificate
	USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
