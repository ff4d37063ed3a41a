-- aged.sql - is a standby fit for a reading? Asked before each, of both servers; embedded, of none.
-- :include http/aged.h

-- Writes through this node are remembered in memory; of those through another their idempotency keys tell.
-- :stmt aged_here_look one aged_here tenant
-- :in time since
-- :sqlite
SELECT EXISTS (SELECT 1 FROM idempotency WHERE tenant_id = :tenant AND actor_id = :actor AND created_at > :since)
       AS wrote, -1 AS lsn, 0 AS clock_ms;
-- :postgres
SELECT EXISTS (SELECT 1 FROM idempotency WHERE tenant_id = :tenant AND actor_id = :actor AND created_at > :since)
       AS wrote,
       CASE WHEN pg_is_in_recovery() THEN -1 ELSE (pg_current_wal_lsn() - '0/0')::bigint END AS lsn,
       (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS clock_ms;

-- Without a receiver it follows nobody: a former primary that is not yet rewound, an archive's end.
-- :stmt aged_there_look one aged_there
-- :sqlite
SELECT 0 AS standby, 0 AS streaming, 0 AS lsn, 0 AS commit_ms;
-- :postgres
SELECT pg_is_in_recovery() AS standby,
       EXISTS (SELECT 1 FROM pg_stat_wal_receiver) AS streaming,
       COALESCE((pg_last_wal_replay_lsn() - '0/0')::bigint, 0) AS lsn,
       COALESCE((extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000)::bigint, 0) AS commit_ms;
