-- 0007_hansen_cases: hanseníase cases, what happens to them, and their contacts.
-- In clear stand the codes and days that surveillance counts in SQL; what was found,
-- given, said and who the contacts are rests sealed with the patient's key in content.
CREATE TABLE hansen_case (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	patient_id @blob NOT NULL,
	open_patient_id @blob,
	state TEXT NOT NULL,
	unit TEXT,
	municipality TEXT,
	diagnosed_on BIGINT NOT NULL,
	notified_on BIGINT,
	entry_mode TEXT NOT NULL,
	detection_mode TEXT,
	clinical_form TEXT NOT NULL,
	initial_class TEXT NOT NULL,
	operational_class TEXT NOT NULL,
	smear TEXT NOT NULL,
	regimen TEXT NOT NULL,
	planned_doses BIGINT NOT NULL,
	window_months BIGINT NOT NULL,
	age_group TEXT NOT NULL,
	gif_diagnosis BIGINT,
	gif_discharge BIGINT,
	started_on BIGINT,
	doses BIGINT NOT NULL DEFAULT 0,
	last_dose_on BIGINT,
	last_seen_on BIGINT NOT NULL,
	last_assessed_on BIGINT,
	reaction TEXT,
	discharged_on BIGINT,
	discharge TEXT,
	content_sealed @blob NOT NULL,
	version BIGINT NOT NULL DEFAULT 1,
	created_by @blob NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	UNIQUE (tenant_id, open_patient_id)
);
CREATE INDEX hansen_case_newest ON hansen_case(tenant_id, id DESC);
CREATE INDEX hansen_case_by_patient ON hansen_case(tenant_id, patient_id, id DESC);
CREATE INDEX hansen_case_by_state ON hansen_case(tenant_id, state, id);
CREATE INDEX hansen_case_by_diagnosis ON hansen_case(tenant_id, diagnosed_on);

-- Doses, assessments, reactions, adverse events and changes of state, in one line of time.
-- The number keeps one dose from being written twice.
CREATE TABLE hansen_event (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	case_id @blob NOT NULL,
	patient_id @blob NOT NULL,
	kind TEXT NOT NULL,
	number BIGINT,
	on_day BIGINT NOT NULL,
	until_day BIGINT,
	content_sealed @blob NOT NULL,
	version BIGINT NOT NULL DEFAULT 1,
	author_id @blob NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	removed_at BIGINT,
	removed_by @blob,
	remove_reason_sealed @blob,
	UNIQUE (case_id, kind, number)
);
CREATE INDEX hansen_event_by_case ON hansen_event(tenant_id, case_id, on_day);

-- Who lived with the patient: a patient of ours, or a name; sealed with the case's patient's key.
CREATE TABLE hansen_contact (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	case_id @blob NOT NULL,
	patient_id @blob NOT NULL,
	contact_patient_id @blob,
	kind TEXT NOT NULL,
	examined_on BIGINT,
	result TEXT,
	content_sealed @blob NOT NULL,
	version BIGINT NOT NULL DEFAULT 1,
	created_by @blob NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL
);
CREATE INDEX hansen_contact_by_case ON hansen_contact(tenant_id, case_id, id);
-- :postgres
ALTER TABLE hansen_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE hansen_case FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON hansen_case USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE hansen_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE hansen_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON hansen_event USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE hansen_contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE hansen_contact FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON hansen_contact USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
