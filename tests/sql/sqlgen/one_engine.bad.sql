-- expect: no text for postgres
-- :stmt a one t
-- :sqlite
SELECT x FROM t;
