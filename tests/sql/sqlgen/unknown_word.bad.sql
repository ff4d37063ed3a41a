-- expect: unknown word :inn
-- :stmt a one t
-- :inn id id
SELECT x FROM t;
