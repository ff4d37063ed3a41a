-- expect: needs the type of its rows
-- :stmt a many write
SELECT x FROM t;
