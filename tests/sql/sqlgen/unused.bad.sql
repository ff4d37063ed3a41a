-- expect: declared but not used
-- :stmt a one t
-- :in id id, int n
SELECT x FROM t WHERE id = :id;
