-- 0003_walls: on PostgreSQL a second wall between tenants around everything clinical.
-- A statement that forgot its tenant finds nothing of another's: the connection says
-- whose rows it may see (plantao.tenant, set by the store), and without it sees none.
-- FORCE, because the program owns its tables. Not walled is what must be read before the
-- tenant is known or across tenants: tenant, app_user, session, idempotency, audit_entry.
-- A new table of a tenant's clinical data is walled in the migration that makes it.
-- :postgres
ALTER TABLE patient ENABLE ROW LEVEL SECURITY;
ALTER TABLE patient FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON patient USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE patient_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE patient_key FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON patient_key USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE patient_token ENABLE ROW LEVEL SECURITY;
ALTER TABLE patient_token FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON patient_token USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE care ENABLE ROW LEVEL SECURITY;
ALTER TABLE care FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON care USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE medical_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE medical_record FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON medical_record USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE medical_record_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE medical_record_version FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON medical_record_version
	USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE record_token ENABLE ROW LEVEL SECURITY;
ALTER TABLE record_token FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON record_token USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE external_ref ENABLE ROW LEVEL SECURITY;
ALTER TABLE external_ref FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON external_ref USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
ALTER TABLE break_glass ENABLE ROW LEVEL SECURITY;
ALTER TABLE break_glass FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON break_glass USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
-- :both
