-- system.sql - the health probe and the daily clean-up.

-- :stmt health_probe none write
INSERT INTO health_probe(id, at) VALUES (1, :now) ON CONFLICT (id) DO UPDATE SET at = excluded.at;

-- :stmt sessions_over none write
DELETE FROM session WHERE expires_at < :now;

-- :stmt first_answers_over none write
-- :in time before
DELETE FROM idempotency WHERE created_at < :before;

-- :stmt attempts_over none write
-- :in time before
DELETE FROM login_attempt WHERE at < :before AND locked_until < :now;
