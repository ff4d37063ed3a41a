-- expect: is not KIND NAME
-- :stmt a one t
-- :in uuid id
SELECT x FROM t WHERE id = :id;
