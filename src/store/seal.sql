-- seal.sql - the wrapped keys: the tenant's under the master key, the patient's under the tenant's.
-- :include store/keys.h

-- :stmt tenant_key_read  one wrapped_key  tenant
SELECT wrapped_key FROM tenant WHERE id = :tenant;

-- :stmt tenant_key_replace  change  write tenant
-- :in blob wrapped_key, blob old
UPDATE tenant SET wrapped_key = :wrapped_key WHERE id = :tenant AND wrapped_key = :old;

-- :stmt patient_key_read  one wrapped_key  tenant together
-- :in id patient
SELECT wrapped_key FROM patient_key WHERE tenant_id = :tenant AND patient_id = :patient;

-- :stmt patient_key_batch  many owned_key  tenant
-- :in id p1, id p2, id p3, id p4, id p5, id p6, id p7, id p8
-- :in id p9, id p10, id p11, id p12, id p13, id p14, id p15, id p16
SELECT patient_id, wrapped_key FROM patient_key
 WHERE tenant_id = :tenant AND patient_id IN (:p1, :p2, :p3, :p4, :p5, :p6, :p7, :p8,
                                              :p9, :p10, :p11, :p12, :p13, :p14, :p15, :p16);

-- :stmt patient_key_add  none  write tenant later
-- :in id patient, blob wrapped_key
INSERT INTO patient_key (tenant_id, patient_id, wrapped_key) VALUES (:tenant, :patient, :wrapped_key);

-- The row stays as the proof that there was a key and when it went.
-- :stmt patient_key_destroy  none  write tenant
-- :in id patient
UPDATE patient_key SET wrapped_key = NULL, destroyed_at = :now
 WHERE tenant_id = :tenant AND patient_id = :patient AND wrapped_key IS NOT NULL;
