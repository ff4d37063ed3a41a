-- seal.sql - the wrapped keys: the tenant's under the master key, the patient's under the tenant's.
-- :include store/keys.h

-- :stmt tenant_key_read  one wrapped_key  tenant
SELECT wrapped_key FROM tenant WHERE id = :tenant;

-- :stmt tenant_key_replace  change  write tenant
-- :in blob wrapped_key, blob old
UPDATE tenant SET wrapped_key = :wrapped_key WHERE id = :tenant AND wrapped_key = :old;

-- :stmt patient_key_read  one wrapped_key  tenant
-- :in id patient
SELECT wrapped_key FROM patient_key WHERE tenant_id = :tenant AND patient_id = :patient;

-- :stmt patient_key_add  none  write tenant later
-- :in id patient, blob wrapped_key
INSERT INTO patient_key (tenant_id, patient_id, wrapped_key) VALUES (:tenant, :patient, :wrapped_key);

-- The row stays as the proof that there was a key and when it went.
-- :stmt patient_key_destroy  none  write tenant
-- :in id patient
UPDATE patient_key SET wrapped_key = NULL, destroyed_at = :now
 WHERE tenant_id = :tenant AND patient_id = :patient AND wrapped_key IS NOT NULL;
