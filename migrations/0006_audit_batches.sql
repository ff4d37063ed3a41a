-- 0006_audit_batches: the audit trail in sealed batches. A batch is a Merkle tree
-- (RFC 9162) over the entries of one range, and a signed head that names the head
-- before it: see docs/audit.md.

-- Who signs. The newest key does; older ones still prove what they signed. The seed
-- is wrapped by the master key, so a key row of somebody else's making is refused.
CREATE TABLE audit_key (
	number BIGINT NOT NULL PRIMARY KEY,
	id @blob NOT NULL UNIQUE,
	wrapped_seed @blob NOT NULL,
	created_at BIGINT NOT NULL
);

-- One row a batch: entries with range_from <= key < range_to, where the key is seq on
-- SQLite and epoch on PostgreSQL. records has 48 bytes an entry (seq, epoch, digest):
-- the tree's leaves, so that a bad entry can be named. After the time of keeping the
-- entries and their records go, and a second signature says so.
CREATE TABLE audit_batch (
	number BIGINT NOT NULL PRIMARY KEY,
	range_from BIGINT NOT NULL UNIQUE,
	range_to BIGINT NOT NULL,
	entry_count BIGINT NOT NULL,
	at BIGINT NOT NULL,
	root @blob NOT NULL,
	previous @blob NOT NULL,
	key_id @blob NOT NULL,
	signature @blob NOT NULL,
	pruned_at BIGINT,
	prune_key_id @blob,
	prune_signature @blob,
	records @blob
);
CREATE INDEX audit_batch_by_time ON audit_batch(at);

-- :postgres
-- An entry's epoch is its transaction's number, so that a batch can be closed as soon
-- as every transaction below a number has ended. A database that was restored from a
-- dump counts its transactions from the beginning: audit_epoch_raise, called at every
-- start, then lifts the base above all that is there, so that nothing written after
-- the restore falls into a sealed range.
-- All three are STABLE and not IMMUTABLE: plans take them in and follow their changes.
CREATE FUNCTION audit_epoch_base() RETURNS BIGINT LANGUAGE sql STABLE AS 'SELECT CAST(0 AS BIGINT)';
CREATE FUNCTION audit_epoch() RETURNS BIGINT LANGUAGE sql STABLE AS
	'SELECT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT) + audit_epoch_base()';
CREATE FUNCTION audit_epoch_horizon() RETURNS BIGINT LANGUAGE sql STABLE AS
	'SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT) + audit_epoch_base()';
CREATE FUNCTION audit_epoch_raise() RETURNS BIGINT LANGUAGE plpgsql AS $$
DECLARE
	used BIGINT := GREATEST((SELECT MAX(range_to) FROM audit_batch), (SELECT MAX(epoch) + 1 FROM audit_entry));
	lift BIGINT := used - audit_epoch_base()
		- CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT);
BEGIN
	IF lift IS NULL OR lift <= 0 THEN
		RETURN 0;
	END IF;
	EXECUTE format('CREATE OR REPLACE FUNCTION audit_epoch_base() RETURNS BIGINT LANGUAGE sql STABLE AS %L',
	               format('SELECT CAST(%s AS BIGINT)', audit_epoch_base() + lift));
	RETURN lift;
END $$;
ALTER TABLE audit_entry ALTER COLUMN epoch SET DEFAULT audit_epoch();
ALTER TABLE audit_entry ALTER COLUMN epoch SET NOT NULL;
-- :both
