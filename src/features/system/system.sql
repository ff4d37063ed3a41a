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

-- PostgreSQL archives its log for backups (pgBackRest): does it, and when did it last work or fail?
-- :stmt archiver_look one archiver
-- :sqlite
SELECT 0 AS archives, 0 AS failing, 0 AS archived_ms;
-- :postgres
SELECT CASE WHEN current_setting('archive_mode') = 'off' THEN 0 ELSE 1 END::bigint AS archives,
       CASE WHEN last_failed_time IS NOT NULL AND last_failed_time >= COALESCE(last_archived_time, '-infinity')
            THEN 1 ELSE 0 END::bigint AS failing,
       COALESCE((extract(epoch FROM last_archived_time) * 1000)::bigint, 0) AS archived_ms
  FROM pg_stat_archiver;
