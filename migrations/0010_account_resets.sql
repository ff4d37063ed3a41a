-- 0010_account_resets: who sets somebody else's password does not come in by it. An account
-- whose password an administrator replaced opens nothing until the person behind it is known:
-- by a second factor set up before, or by the data-protection officer, who types the code
-- that the person reads from his own screen.
CREATE TABLE account_reset (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	user_id @blob NOT NULL,
	asked_by @blob NOT NULL,
	at BIGINT NOT NULL,
	code TEXT NOT NULL,
	decided_at BIGINT,
	decided_by @blob,
	verdict TEXT
);
CREATE INDEX account_reset_newest ON account_reset(tenant_id, id DESC);
CREATE INDEX account_reset_of ON account_reset(user_id, id DESC);
-- :postgres
ALTER TABLE account_reset ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_reset FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON account_reset USING (tenant_id = decode(current_setting('plantao.tenant', true), 'hex'));
-- :both
-- The open reset; and the administrator from whom an account has its existence or its role,
-- or whom that one has his from: nobody's hand confirms his own resets by a second account.
ALTER TABLE app_user ADD COLUMN reset_id @blob;
ALTER TABLE app_user ADD COLUMN rooted_in @blob;
