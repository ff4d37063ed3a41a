-- fhir.sql - what was imported before: an outside name, as a keyed token, and what it became.
-- :include features/fhir/import_rows.h

-- :stmt external_get one external_target tenant
-- :in text system, text kind, blob ref_token
SELECT target_id FROM external_ref
 WHERE tenant_id = :tenant AND system = :system AND kind = :kind AND ref_token = :ref_token;

-- A patient or record that two imports create at once is created by one: ERR_DUPLICATE for the other.
-- :stmt external_add change write tenant
-- :in text system, text kind, blob ref_token, id target_id
INSERT INTO external_ref(tenant_id, system, kind, ref_token, target_id)
VALUES (:tenant, :system, :kind, :ref_token, :target_id);

-- Resources without a name of their own may say the same twice.
-- :stmt external_add_part none write tenant
-- :in text system, text kind, blob ref_token, id target_id
INSERT INTO external_ref(tenant_id, system, kind, ref_token, target_id)
VALUES (:tenant, :system, :kind, :ref_token, :target_id) ON CONFLICT DO NOTHING;
