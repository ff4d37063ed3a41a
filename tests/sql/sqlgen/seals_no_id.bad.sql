-- expect: which is no id input
-- :stmt a none write
-- :in int id, sealed s
-- :seals t row id key tenant
UPDATE t SET s = :s WHERE id = :id;
