-- expect: later is for writes
-- :stmt a change write later
UPDATE t SET s = 1;
