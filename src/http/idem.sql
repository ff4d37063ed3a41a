-- idem.sql - first answers by key. The key is kept as a keyed token, the answer sealed.
-- :include http/idem.h

-- :stmt idem_get one idem_answer tenant together
-- :in blob key_token, time since
SELECT request_sha256, status, headers, body_sealed AS body FROM idempotency
 WHERE tenant_id = :tenant AND actor_id = :actor AND key_token = :key_token AND created_at > :since;

-- :stmt idem_add none write tenant
-- :in blob key_token, blob request_sha256, int status, text headers, blob body
INSERT INTO idempotency(tenant_id, actor_id, key_token, request_sha256, status, headers, body_sealed, created_at)
VALUES (:tenant, :actor, :key_token, :request_sha256, :status, :headers, :body, :now);

-- A commit that changes something is replicated as far as it goes, and all before it: what
-- was committed and not yet replicated must not be acknowledged by its repetition.
-- :stmt idem_hold none write tenant
-- :in blob key_token
UPDATE idempotency SET status = status WHERE tenant_id = :tenant AND actor_id = :actor AND key_token = :key_token;

-- :stmt idem_forget none write tenant
-- :in blob key_token, time before
DELETE FROM idempotency WHERE tenant_id = :tenant AND actor_id = :actor AND key_token = :key_token
   AND created_at <= :before;
