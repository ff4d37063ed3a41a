-- expect: needs the type of its rows
-- :stmt a one
SELECT x FROM t;
