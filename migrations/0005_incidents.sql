-- 0005_incidents: the register of security incidents (Resolução CD/ANPD 15/2024), kept five years.
CREATE TABLE incident (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL,
	status TEXT NOT NULL,
	opened_by TEXT NOT NULL,
	dedup TEXT,
	title_sealed @blob NOT NULL,
	description_sealed @blob,
	risk_sealed @blob,
	measures_sealed @blob,
	not_communicated_sealed @blob,
	actor_id @blob,
	occurred_at BIGINT,
	known_at BIGINT NOT NULL,
	small_agent BIGINT NOT NULL DEFAULT 0,
	relevant BIGINT NOT NULL DEFAULT 0,
	due BIGINT NOT NULL,
	complement_due BIGINT NOT NULL,
	communicated_at BIGINT,
	complemented_at BIGINT,
	closed_at BIGINT,
	version BIGINT NOT NULL DEFAULT 1,
	created_at BIGINT NOT NULL,
	updated_at BIGINT NOT NULL,
	UNIQUE (tenant_id, dedup)
);
CREATE INDEX incident_newest ON incident(tenant_id, id DESC);
-- :postgres
ALTER TABLE incident ENABLE ROW LEVEL SECURITY;
ALTER TABLE incident FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON incident USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
