-- expect: must mention :tenant
-- :stmt a one t tenant
-- :in id id
SELECT x FROM t WHERE id = :id;
