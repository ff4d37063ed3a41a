-- users.sql - every statement of the accounts.
-- :include features/users/users.h
-- :include features/users/users_rows.h

-- :stmt user_get one user tenant
-- :in id id
SELECT u.id, u.tenant_id, u.email_sealed, u.name_sealed, u.cpf_sealed, u.role, u.patient_id, (u.totp_confirmed_at IS NOT NULL) AS totp,
       u.password_must_change, (u.reset_id IS NOT NULL) AS reset_pending, u.last_login_at, u.created_at, u.updated_at, u.disabled_at, u.version
  FROM app_user u WHERE u.tenant_id = :tenant AND u.id = :id;

-- The platform's own accounts are not the institution's, though one may be registered in it.
-- :stmt user_list many user tenant
-- :in id before, int row_limit
SELECT u.id, u.tenant_id, u.email_sealed, u.name_sealed, u.cpf_sealed, u.role, u.patient_id, (u.totp_confirmed_at IS NOT NULL) AS totp,
       u.password_must_change, (u.reset_id IS NOT NULL) AS reset_pending, u.last_login_at, u.created_at, u.updated_at, u.disabled_at, u.version
  FROM app_user u WHERE u.tenant_id = :tenant AND u.id < :before AND u.role <> 'SUPERADMIN' ORDER BY u.id DESC LIMIT :row_limit;

-- :stmt user_names_of many user_name_row tenant
-- :in id i1, id i2, id i3, id i4, id i5, id i6, id i7, id i8
-- :in id i9, id i10, id i11, id i12, id i13, id i14, id i15, id i16
SELECT u.id, u.name_sealed FROM app_user u
 WHERE u.tenant_id = :tenant AND u.id IN (:i1, :i2, :i3, :i4, :i5, :i6, :i7, :i8,
                                          :i9, :i10, :i11, :i12, :i13, :i14, :i15, :i16);

-- :stmt user_exists one user_id_row tenant
-- :in id id
SELECT id FROM app_user WHERE tenant_id = :tenant AND id = :id AND disabled_at IS NULL;

-- :stmt user_admins one user_count tenant
-- :in id except_id
SELECT COUNT(*) AS n FROM app_user WHERE tenant_id = :tenant AND role = 'ADMIN' AND disabled_at IS NULL AND id <> :except_id;

-- :stmt user_first_admin one user_id_row tenant
SELECT id FROM app_user WHERE tenant_id = :tenant AND role = 'ADMIN' AND disabled_at IS NULL ORDER BY id LIMIT 1;

-- Whose hand an account hangs from: the administrator who made it or gave it its role, or the one he hangs from himself.
-- :stmt user_root one user_id_row tenant
-- :in id id
SELECT COALESCE(rooted_in, id) AS id FROM app_user WHERE tenant_id = :tenant AND id = :id;

-- :stmt user_secret_by_email one user_secret
-- :in blob email_token
SELECT u.id, u.tenant_id, u.patient_id, u.role, u.password_phc, u.totp_sealed, u.totp_confirmed_at, u.disabled_at,
       t.suspended_at, u.totp_last_step, u.reset_id
  FROM app_user u JOIN tenant t ON t.id = u.tenant_id WHERE u.email_token = :email_token;

-- :stmt user_secret_get one user_secret tenant
-- :in id id
SELECT u.id, u.tenant_id, u.patient_id, u.role, u.password_phc, u.totp_sealed, u.totp_confirmed_at, u.disabled_at,
       t.suspended_at, u.totp_last_step, u.reset_id
  FROM app_user u JOIN tenant t ON t.id = u.tenant_id WHERE u.tenant_id = :tenant AND u.id = :id;

-- :stmt user_insert change write tenant
-- :in id id, blob email_token, sealed email, sealed name, text role, id patient_id, text password_phc, bool must_change
-- :in id rooted_in, sealed cpf, blob cpf_token
-- :seals app_user row id key tenant
INSERT INTO app_user(tenant_id, id, email_token, email_sealed, name_sealed, role, patient_id, password_phc,
                     password_changed_at, password_must_change, version, created_at, updated_at, rooted_in,
                     cpf_sealed, cpf_token)
VALUES (:tenant, :id, :email_token, :email, :name, :role, :patient_id, :password_phc, :now, :must_change, 1, :now, :now, :rooted_in,
        :cpf, :cpf_token);

-- :stmt user_update change write tenant
-- :in id id, int version, sealed name, text role, time disabled_at, id rooted_in, sealed cpf, blob cpf_token
-- :seals app_user row id key tenant
UPDATE app_user SET name_sealed = :name, role = :role, disabled_at = :disabled_at, version = version + 1, updated_at = :now,
       rooted_in = COALESCE(CAST(:rooted_in AS @blob), rooted_in),
       cpf_sealed = COALESCE(CAST(:cpf AS @blob), cpf_sealed), cpf_token = COALESCE(CAST(:cpf_token AS @blob), cpf_token)
 WHERE tenant_id = :tenant AND id = :id AND version = :version;

-- :stmt user_password_set change write tenant
-- :in id id, text password_phc, bool must_change
UPDATE app_user SET password_phc = :password_phc, password_changed_at = :now, password_must_change = :must_change,
       version = version + 1, updated_at = :now
 WHERE tenant_id = :tenant AND id = :id;

-- :stmt password_past_add none write
-- :in id user_id, text phc
INSERT INTO password_past(user_id, phc, changed_at) VALUES (:user_id, :phc, :now) ON CONFLICT DO NOTHING;

-- :stmt password_past_list many password_past
-- :in id user_id
SELECT phc FROM password_past WHERE user_id = :user_id ORDER BY changed_at DESC LIMIT 4;
