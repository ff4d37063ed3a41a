-- expect: different parameters
-- :stmt a one t
-- :in id id, int n
-- :sqlite
SELECT x FROM t WHERE id = :id AND n = :n;
-- :postgres
SELECT x FROM t WHERE id = :id;
