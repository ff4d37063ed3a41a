-- expect: two statements in one
-- :stmt a none write
DELETE FROM t; DELETE FROM u;
