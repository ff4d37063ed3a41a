-- expect: is not declared
-- :stmt a one t
SELECT x FROM t WHERE id = :id;
