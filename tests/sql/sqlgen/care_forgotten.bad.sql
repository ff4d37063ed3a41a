-- expect: must filter by @care
-- :stmt a many t tenant care
SELECT x FROM t WHERE tenant_id = :tenant;
