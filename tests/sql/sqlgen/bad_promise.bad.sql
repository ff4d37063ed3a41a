-- expect: not ':stmt NAME
-- :stmt a some t
SELECT x FROM t;
