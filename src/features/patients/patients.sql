-- patients.sql - every statement of the patient register and the care relation.
-- :include features/patients/patients.h
-- :include features/patients/patients_rows.h

-- :stmt patient_get one patient tenant care together
-- :in id id, bool deleted
SELECT p.id, p.name_sealed, p.birth_date_sealed, p.sex, p.cpf_sealed, p.cns_sealed, p.mother_name_sealed,
       p.phone_sealed, p.email_sealed, p.address_sealed, p.identifiers_sealed, p.source, p.version,
       p.created_at, p.updated_at, p.deleted_at
  FROM patient p
 WHERE p.tenant_id = :tenant AND p.id = :id AND (p.deleted_at IS NULL OR :deleted = 1) AND @care(p.id);

-- :stmt patient_reach one patient_id_row tenant care together
-- :in id id
SELECT p.id FROM patient p
 WHERE p.tenant_id = :tenant AND p.id = :id AND p.deleted_at IS NULL AND @care(p.id);

-- :stmt patient_names_of many patient_name_row tenant care
-- :in id i1, id i2, id i3, id i4, id i5, id i6, id i7, id i8
-- :in id i9, id i10, id i11, id i12, id i13, id i14, id i15, id i16
SELECT p.id, p.name_sealed FROM patient p
 WHERE p.tenant_id = :tenant AND p.id IN (:i1, :i2, :i3, :i4, :i5, :i6, :i7, :i8,
                                          :i9, :i10, :i11, :i12, :i13, :i14, :i15, :i16)
   AND (p.deleted_at IS NULL OR :reach = 3) AND @care(p.id);

-- :stmt patient_list many patient tenant care
-- :in id before, bool deleted, int row_limit
SELECT p.id, p.name_sealed, p.birth_date_sealed, p.sex, p.cpf_sealed, p.cns_sealed, p.mother_name_sealed,
       p.phone_sealed, p.email_sealed, p.address_sealed, p.identifiers_sealed, p.source, p.version,
       p.created_at, p.updated_at, p.deleted_at
  FROM patient p
 WHERE p.tenant_id = :tenant AND p.id < :before AND (p.deleted_at IS NOT NULL) = (:deleted = 1) AND @care(p.id)
 ORDER BY p.id DESC LIMIT :row_limit;

-- :stmt patient_search many patient tenant care
-- :in blob t1, blob t2, blob t3, blob t4, id before, bool deleted, int row_limit
SELECT p.id, p.name_sealed, p.birth_date_sealed, p.sex, p.cpf_sealed, p.cns_sealed, p.mother_name_sealed,
       p.phone_sealed, p.email_sealed, p.address_sealed, p.identifiers_sealed, p.source, p.version,
       p.created_at, p.updated_at, p.deleted_at
  FROM patient_token t
  JOIN patient p ON p.id = t.patient_id
 WHERE t.tenant_id = :tenant AND t.token = :t1 AND t.patient_id < :before
   AND (CAST(:t2 AS @blob) IS NULL OR EXISTS (SELECT 1 FROM patient_token u WHERE u.tenant_id = :tenant AND u.token = :t2 AND u.patient_id = t.patient_id))
   AND (CAST(:t3 AS @blob) IS NULL OR EXISTS (SELECT 1 FROM patient_token u WHERE u.tenant_id = :tenant AND u.token = :t3 AND u.patient_id = t.patient_id))
   AND (CAST(:t4 AS @blob) IS NULL OR EXISTS (SELECT 1 FROM patient_token u WHERE u.tenant_id = :tenant AND u.token = :t4 AND u.patient_id = t.patient_id))
   AND (p.deleted_at IS NOT NULL) = (:deleted = 1) AND @care(t.patient_id)
 ORDER BY t.patient_id DESC LIMIT :row_limit;

-- :stmt patient_find_cpf one patient_id_row tenant
-- :in blob cpf_token
SELECT id FROM patient WHERE tenant_id = :tenant AND cpf_token = :cpf_token;

-- :stmt patient_find_cns one patient_id_row tenant
-- :in blob cns_token
SELECT id FROM patient WHERE tenant_id = :tenant AND cns_token = :cns_token;

-- :stmt patient_insert change write tenant
-- :in id id, sealed name, sealed_date birth_date, text sex, sealed cpf, blob cpf_token, sealed cns, blob cns_token, sealed mother_name, sealed phone, sealed email, sealed address, sealed identifiers, text source
-- :seals patient row id key id
INSERT INTO patient(tenant_id, id, name_sealed, birth_date_sealed, sex, cpf_sealed, cpf_token, cns_sealed, cns_token,
                    mother_name_sealed, phone_sealed, email_sealed, address_sealed, identifiers_sealed, source,
                    version, created_by, created_at, updated_at)
VALUES (:tenant, :id, :name, :birth_date, :sex, :cpf, :cpf_token, :cns, :cns_token, :mother_name, :phone, :email,
        :address, :identifiers, :source, 1, :actor, :now, :now);

-- :stmt patient_update change write tenant
-- :in id id, int version, sealed name, sealed_date birth_date, text sex, sealed cpf, blob cpf_token, sealed cns, blob cns_token, sealed mother_name, sealed phone, sealed email, sealed address
-- :seals patient row id key id
UPDATE patient SET name_sealed = :name, birth_date_sealed = :birth_date, sex = :sex, cpf_sealed = :cpf,
       cpf_token = :cpf_token, cns_sealed = :cns, cns_token = :cns_token, mother_name_sealed = :mother_name,
       phone_sealed = :phone, email_sealed = :email, address_sealed = :address, version = version + 1,
       updated_at = :now
 WHERE tenant_id = :tenant AND id = :id AND version = :version AND deleted_at IS NULL;

-- :stmt patient_remove change write tenant
-- :in id id
UPDATE patient SET deleted_at = :now, version = version + 1, updated_at = :now
 WHERE tenant_id = :tenant AND id = :id AND deleted_at IS NULL;

-- :stmt patient_restore change write tenant
-- :in id id
UPDATE patient SET deleted_at = NULL, version = version + 1, updated_at = :now
 WHERE tenant_id = :tenant AND id = :id AND deleted_at IS NOT NULL;

-- :stmt patient_token_add none write tenant later
-- :in blob token, id patient_id
INSERT INTO patient_token(tenant_id, token, patient_id) VALUES (:tenant, :token, :patient_id)
    ON CONFLICT DO NOTHING;

-- :stmt patient_token_clear none write tenant later
-- :in id patient_id
DELETE FROM patient_token WHERE patient_id = :patient_id AND tenant_id = :tenant;

-- :stmt work_due_count one patient_count
-- :in text name
SELECT COUNT(*) AS n FROM work_due WHERE name = :name;

-- :stmt work_due_done none write
-- :in text name
DELETE FROM work_due WHERE name = :name;

-- Whoever is there, put aside or not.
-- :stmt patient_names_all many patient_name_row tenant
-- :in id before, int row_limit
SELECT p.id, p.name_sealed FROM patient p
 WHERE p.tenant_id = :tenant AND p.id < :before ORDER BY p.id DESC LIMIT :row_limit;

-- :stmt care_put none write tenant
-- :in id user_id, id patient_id, text kind, time until
INSERT INTO care(tenant_id, user_id, patient_id, kind, since, until, granted_by)
VALUES (:tenant, :user_id, :patient_id, :kind, :now, :until, :actor)
    ON CONFLICT (tenant_id, user_id, patient_id, kind) DO UPDATE SET until = excluded.until, granted_by = excluded.granted_by;

-- :stmt care_end change write tenant
-- :in id user_id, id patient_id
UPDATE care SET until = :now WHERE tenant_id = :tenant AND user_id = :user_id AND patient_id = :patient_id
   AND until > :now;

-- :stmt care_list many care_row tenant
-- :in id patient_id
SELECT k.user_id, k.patient_id, k.kind, k.since, k.until, k.granted_by FROM care k
 WHERE k.tenant_id = :tenant AND k.patient_id = :patient_id AND k.until > :now
 ORDER BY k.since;
