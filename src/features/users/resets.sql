-- resets.sql - passwords that an administrator replaced, until the person behind the account is known.
-- :include features/users/resets.h

-- :stmt reset_add change write tenant
-- :in id id, id user_id, text code
INSERT INTO account_reset(tenant_id, id, user_id, asked_by, at, code) VALUES (:tenant, :id, :user_id, :actor, :now, :code);

-- :stmt reset_open change write tenant
-- :in id user_id, id reset_id
UPDATE app_user SET reset_id = :reset_id WHERE tenant_id = :tenant AND id = :user_id;

-- One that is open already is overtaken by the next.
-- :stmt reset_overtake none write tenant
-- :in id user_id, text verdict
UPDATE account_reset SET decided_at = :now, verdict = :verdict
 WHERE tenant_id = :tenant AND user_id = :user_id AND verdict IS NULL;

-- :stmt reset_decide change write tenant
-- :in id id, text verdict
UPDATE account_reset SET decided_at = :now, decided_by = :actor, verdict = :verdict
 WHERE tenant_id = :tenant AND id = :id AND verdict IS NULL;

-- :stmt reset_get one account_reset tenant
-- :in id id
SELECT r.id, r.user_id, r.asked_by, r.at, r.decided_at, r.decided_by, r.verdict, u.password_must_change AS waiting
  FROM account_reset r JOIN app_user u ON u.tenant_id = r.tenant_id AND u.id = r.user_id
 WHERE r.tenant_id = :tenant AND r.id = :id;

-- :stmt reset_list many account_reset tenant
-- :in id before, bool pending, int row_limit
SELECT r.id, r.user_id, r.asked_by, r.at, r.decided_at, r.decided_by, r.verdict, u.password_must_change AS waiting
  FROM account_reset r JOIN app_user u ON u.tenant_id = r.tenant_id AND u.id = r.user_id
 WHERE r.tenant_id = :tenant AND r.id < :before AND (:pending = 0 OR r.verdict IS NULL)
 ORDER BY r.id DESC LIMIT :row_limit;

-- :stmt reset_code one reset_told tenant
-- :in id id
SELECT code, at FROM account_reset WHERE tenant_id = :tenant AND id = :id;

-- :stmt reset_last one reset_told tenant
-- :in id user_id
SELECT code, at FROM account_reset WHERE tenant_id = :tenant AND user_id = :user_id ORDER BY id DESC LIMIT 1;
