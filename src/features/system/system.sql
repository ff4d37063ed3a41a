-- system.sql - the health probe and the daily clean-up.
-- :include features/system/health_rows.h
-- :include features/system/uptime.h

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

-- How the service did, minute by minute. A node that was ready for a whole minute makes it whole: with two,
-- one that stops is no stop of the service. Two halves do not make a whole: what is shown is never too good.
-- :stmt service_minute_add none write
-- :in time at, int up_ms, int requests, int failures, int busy_us, int p99_us
INSERT INTO service_minute(at, up_ms, requests, failures, busy_us, p99_us)
VALUES (:at, :up_ms, :requests, :failures, :busy_us, :p99_us)
ON CONFLICT (at) DO UPDATE SET
       up_ms = CASE WHEN excluded.up_ms > service_minute.up_ms THEN excluded.up_ms ELSE service_minute.up_ms END,
       requests = service_minute.requests + excluded.requests,
       failures = service_minute.failures + excluded.failures,
       busy_us = service_minute.busy_us + excluded.busy_us,
       p99_us = CASE WHEN excluded.p99_us > service_minute.p99_us THEN excluded.p99_us ELSE service_minute.p99_us END;

-- :stmt service_minutes_over none write
-- :in time before
DELETE FROM service_minute WHERE at < :before;

-- The oldest minute is not whole: the service began in it.
-- :stmt service_first one service_first
SELECT COALESCE(MIN(at), 0) AS at FROM service_minute;

-- :stmt service_slots many service_slot
-- :in time since, time before, int step_ms
SELECT s.slot AS at, CAST(SUM(s.up_ms) AS BIGINT) AS up_ms, 0 AS watched_ms, CAST(SUM(s.requests) AS BIGINT) AS requests,
       CAST(SUM(s.failures) AS BIGINT) AS failures, CAST(SUM(s.busy_us) AS BIGINT) AS busy_us, MAX(s.p99_us) AS p99_us
  FROM (SELECT m.at - m.at % :step_ms AS slot, m.up_ms, m.requests, m.failures, m.busy_us, m.p99_us
          FROM service_minute m WHERE m.at >= :since AND m.at < :before) s
 GROUP BY s.slot ORDER BY s.slot;
