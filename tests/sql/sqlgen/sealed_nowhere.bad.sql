-- expect: sealed inputs and :seals go together
-- :stmt a none write
-- :in id id, sealed s
UPDATE t SET s = :s WHERE id = :id;
