-- system.sql - the health probe and the daily clean-up.
-- :include features/system/health_rows.h

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

-- :stmt replication_look one replication
-- :sqlite
SELECT 'embedded' AS role, 0 AS timeline, 0 AS standbys, 0 AS synchronous, 0 AS lag_bytes, 0 AS wanted;
-- :postgres
SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END AS role,
       CASE WHEN pg_is_in_recovery() THEN 0
            ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint END AS timeline,
       COUNT(*) FILTER (WHERE state = 'streaming') AS standbys,
       COUNT(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) AS synchronous,
       CASE WHEN pg_is_in_recovery() THEN 0
            ELSE COALESCE(MAX(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)::bigint END AS lag_bytes,
       (current_setting('synchronous_standby_names') <> '')::int::bigint AS wanted
  FROM pg_stat_replication;
