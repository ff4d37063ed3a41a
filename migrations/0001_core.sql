-- 0001_core: tenants, users, sessions, patients, care, records, search, keys, audit.
-- One text for both engines; @blob is BLOB or BYTEA. Ids are 16 bytes, times BIGINT
-- milliseconds, days BIGINT since 1970, booleans BIGINT. Columns whose names end in
-- _sealed hold AES-256-GCM bytes, *_token keyed hashes: nothing else identifies a person.

CREATE TABLE tenant (
	id @blob NOT NULL PRIMARY KEY,
	slug TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	demo BIGINT NOT NULL DEFAULT 0,
	cnpj TEXT, cnes TEXT,
	wrapped_key @blob NOT NULL,
	version BIGINT NOT NULL DEFAULT 1,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	suspended_at BIGINT
);

CREATE TABLE app_user (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	email_token @blob NOT NULL UNIQUE,
	email_sealed @blob NOT NULL,
	name_sealed @blob NOT NULL,
	role TEXT NOT NULL,
	patient_id @blob,
	password_phc TEXT NOT NULL,
	password_changed_at BIGINT NOT NULL,
	password_must_change BIGINT NOT NULL DEFAULT 0,
	totp_sealed @blob,
	totp_confirmed_at BIGINT,
	totp_last_step BIGINT NOT NULL DEFAULT 0,
	last_login_at BIGINT,
	version BIGINT NOT NULL DEFAULT 1,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	disabled_at BIGINT
);
CREATE INDEX app_user_by_tenant ON app_user(tenant_id, id);

-- Failed sign-ins in a row by account name, whether such an account exists or not.
CREATE TABLE login_attempt (
	email_token @blob NOT NULL PRIMARY KEY,
	failures BIGINT NOT NULL,
	locked_until BIGINT NOT NULL,
	at BIGINT NOT NULL
) @without_rowid;

CREATE TABLE password_past (
	user_id @blob NOT NULL,
	phc TEXT NOT NULL,
	changed_at BIGINT NOT NULL,
	PRIMARY KEY (user_id, changed_at)
);

CREATE TABLE session (
	token_sha256 @blob NOT NULL PRIMARY KEY,
	id @blob NOT NULL UNIQUE,
	tenant_id @blob NOT NULL,
	user_id @blob NOT NULL,
	created_at BIGINT NOT NULL,
	expires_at BIGINT NOT NULL,
	seen_at BIGINT NOT NULL,
	address TEXT NOT NULL,
	agent TEXT NOT NULL
);
CREATE INDEX session_by_user ON session(user_id, created_at);
CREATE INDEX session_by_expiry ON session(expires_at);

-- The patient's data key, wrapped by the tenant's; its destruction erases the chart.
CREATE TABLE patient_key (
	tenant_id @blob NOT NULL,
	patient_id @blob NOT NULL,
	wrapped_key @blob,
	destroyed_at BIGINT,
	PRIMARY KEY (tenant_id, patient_id)
);

CREATE TABLE patient (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	name_sealed @blob NOT NULL,
	birth_date_sealed @blob,
	sex TEXT,
	cpf_sealed @blob, cpf_token @blob,
	cns_sealed @blob, cns_token @blob,
	mother_name_sealed @blob,
	phone_sealed @blob,
	email_sealed @blob,
	address_sealed @blob,
	identifiers_sealed @blob,
	source TEXT,
	version BIGINT NOT NULL DEFAULT 1,
	created_by @blob NOT NULL,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	deleted_at BIGINT,
	restricted_at BIGINT
);
CREATE INDEX patient_newest ON patient(tenant_id, id DESC);
CREATE UNIQUE INDEX patient_cpf ON patient(tenant_id, cpf_token);
CREATE UNIQUE INDEX patient_cns ON patient(tenant_id, cns_token);

CREATE TABLE patient_token (
	tenant_id @blob NOT NULL,
	token @blob NOT NULL,
	patient_id @blob NOT NULL,
	PRIMARY KEY (tenant_id, token, patient_id)
) @without_rowid;
CREATE INDEX patient_token_by_patient ON patient_token(patient_id);

-- Who cares for whom, and until when; break-glass rows carry their reason elsewhere.
CREATE TABLE care (
	tenant_id @blob NOT NULL,
	user_id @blob NOT NULL,
	patient_id @blob NOT NULL,
	kind TEXT NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL,
	granted_by @blob NOT NULL,
	PRIMARY KEY (tenant_id, user_id, patient_id, kind)
) @without_rowid;
CREATE INDEX care_by_patient ON care(tenant_id, patient_id, user_id);

CREATE TABLE medical_record (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	patient_id @blob NOT NULL,
	doctor_id @blob NOT NULL,
	title_sealed @blob NOT NULL,
	diagnosis_sealed @blob NOT NULL,
	treatment_sealed @blob,
	notes_sealed @blob,
	priority TEXT NOT NULL,
	version BIGINT NOT NULL DEFAULT 1,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	deleted_at BIGINT,
	delete_reason_sealed @blob,
	source TEXT
);
CREATE INDEX record_newest ON medical_record(tenant_id, id DESC);
CREATE INDEX record_by_patient ON medical_record(tenant_id, patient_id, id DESC);
CREATE INDEX record_by_doctor ON medical_record(tenant_id, doctor_id, id DESC);

CREATE TABLE medical_record_version (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	record_id @blob NOT NULL,
	version BIGINT NOT NULL,
	patient_id @blob NOT NULL,
	author_id @blob NOT NULL,
	title_sealed @blob NOT NULL,
	diagnosis_sealed @blob NOT NULL,
	treatment_sealed @blob,
	notes_sealed @blob,
	priority TEXT NOT NULL,
	at BIGINT NOT NULL,
	UNIQUE (record_id, version)
);

-- One row a word of a record, by patient: who searches reads charts in care or his own,
-- so the search goes from those patients to their words and never through strangers'.
CREATE TABLE record_token (
	tenant_id @blob NOT NULL,
	token @blob NOT NULL,
	patient_id @blob NOT NULL,
	record_id @blob NOT NULL,
	PRIMARY KEY (tenant_id, token, patient_id, record_id)
) @without_rowid;
CREATE INDEX record_token_by_record ON record_token(record_id);

-- One row, written again and again: the proof that a write is possible.
CREATE TABLE health_probe (
	id BIGINT NOT NULL PRIMARY KEY,
	at BIGINT NOT NULL
);

CREATE TABLE external_ref (
	tenant_id @blob NOT NULL,
	system TEXT NOT NULL,
	ref_token @blob NOT NULL,
	kind TEXT NOT NULL,
	target_id @blob NOT NULL,
	PRIMARY KEY (tenant_id, system, kind, ref_token)
) @without_rowid;

CREATE TABLE idempotency (
	tenant_id @blob NOT NULL,
	actor_id @blob NOT NULL,
	key_token @blob NOT NULL,
	request_sha256 @blob NOT NULL,
	status BIGINT NOT NULL,
	headers TEXT NOT NULL,
	body_sealed @blob,
	created_at BIGINT NOT NULL,
	PRIMARY KEY (tenant_id, actor_id, key_token)
) @without_rowid;
CREATE INDEX idempotency_by_time ON idempotency(created_at);

-- Entries hold ids and codes, never names; before and after are sealed with the
-- patient's key. epoch orders entries for the Merkle batches: on SQLite it is NULL
-- and seq serves; on PostgreSQL the transaction id, so that a batch is closed only
-- when every transaction of it has ended.
CREATE TABLE audit_entry (
	seq @serial,
	epoch BIGINT,
	id @blob NOT NULL,
	tenant_id @blob NOT NULL,
	at BIGINT NOT NULL,
	event TEXT NOT NULL,
	actor_id @blob,
	role TEXT,
	subject_id @blob,
	patient_id @blob,
	status BIGINT NOT NULL,
	route TEXT NOT NULL,
	request_id TEXT NOT NULL,
	address TEXT NOT NULL,
	reason_sealed @blob,
	before_sealed @blob,
	after_sealed @blob,
	extra TEXT
);
CREATE INDEX audit_by_patient ON audit_entry(tenant_id, patient_id, seq);
-- :postgres
CREATE INDEX audit_by_epoch ON audit_entry(epoch, seq);
-- :both
