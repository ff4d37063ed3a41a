-- expect: comes from the context
-- :stmt a one t
-- :in id tenant
SELECT x FROM t WHERE id = :tenant;
