-- session.sql - sessions as the spine needs them.
-- :include http/session.h

-- :stmt session_find one session_identity kept together
-- :in blob token_sha256
SELECT s.id, s.tenant_id, s.user_id, u.patient_id, u.role, s.expires_at, s.seen_at, t.suspended_at,
       s.created_at, u.password_must_change, u.reset_id
  FROM session s
  JOIN app_user u ON u.id = s.user_id
  JOIN tenant t ON t.id = s.tenant_id
 WHERE s.token_sha256 = :token_sha256 AND u.disabled_at IS NULL;

-- :stmt session_seen none write later
-- :in id id
UPDATE session SET seen_at = :now WHERE id = :id AND seen_at < :now;

-- :stmt session_add change write tenant
-- :in blob token_sha256, id id, time expires_at, text address, text agent
INSERT INTO session(token_sha256, id, tenant_id, user_id, created_at, expires_at, seen_at, address, agent)
VALUES (:token_sha256, :id, :tenant, :actor, :now, :expires_at, :now, :address, :agent);

-- :stmt session_remove change write
-- :in id id
DELETE FROM session WHERE id = :id AND user_id = :actor;

-- :stmt session_remove_all none write tenant
-- :in id user_id, id except_id
DELETE FROM session WHERE tenant_id = :tenant AND user_id = :user_id
   AND (CAST(:except_id AS @blob) IS NULL OR id <> :except_id);
