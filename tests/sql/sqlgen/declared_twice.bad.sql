-- expect: declared twice
-- :stmt a one t
-- :in id id, id id
SELECT x FROM t WHERE id = :id;
