-- auth.sql - sign-in attempts, sessions of an account, the second factor.
-- :include features/auth/auth_rows.h

-- :stmt attempt_get one login_attempt
-- :in blob email_token
SELECT failures, locked_until FROM login_attempt WHERE email_token = :email_token;

-- :stmt attempt_put none write
-- :in blob email_token, int failures, time locked_until
INSERT INTO login_attempt(email_token, failures, locked_until, at) VALUES (:email_token, :failures, :locked_until, :now)
    ON CONFLICT (email_token) DO UPDATE SET failures = excluded.failures, locked_until = excluded.locked_until, at = excluded.at;

-- :stmt attempt_clear none write
-- :in blob email_token
DELETE FROM login_attempt WHERE email_token = :email_token;

-- :stmt login_done change write tenant
-- :in id id, int totp_last_step
UPDATE app_user SET last_login_at = :now, totp_last_step = :totp_last_step WHERE tenant_id = :tenant AND id = :id;

-- :stmt totp_start change write tenant
-- :in id id, sealed totp
-- :seals app_user row id key tenant
UPDATE app_user SET totp_sealed = :totp, totp_confirmed_at = NULL, totp_last_step = 0 WHERE tenant_id = :tenant AND id = :id;

-- :stmt totp_confirm change write tenant
-- :in id id, int step
UPDATE app_user SET totp_confirmed_at = :now, totp_last_step = :step, version = version + 1 WHERE tenant_id = :tenant AND id = :id;

-- :stmt totp_remove change write tenant
-- :in id id
UPDATE app_user SET totp_sealed = NULL, totp_confirmed_at = NULL, totp_last_step = 0, version = version + 1
 WHERE tenant_id = :tenant AND id = :id;

-- :stmt session_list many session_row tenant
SELECT id, created_at, expires_at, seen_at, address, agent FROM session
 WHERE tenant_id = :tenant AND user_id = :actor AND expires_at > :now ORDER BY created_at DESC LIMIT 100;
