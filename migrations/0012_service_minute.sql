-- 0012_service_minute: how well the service did, a row a minute, for the status page. Several nodes add
-- to one row: work is summed, readiness and slowness are the best and the worst of them. A week is kept.
CREATE TABLE service_minute (
	at BIGINT NOT NULL PRIMARY KEY,
	up_ms BIGINT NOT NULL,
	requests BIGINT NOT NULL,
	failures BIGINT NOT NULL,
	busy_us BIGINT NOT NULL,
	p99_us BIGINT NOT NULL
);
