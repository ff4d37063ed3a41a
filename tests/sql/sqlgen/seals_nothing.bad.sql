-- expect: sealed inputs and :seals go together
-- :stmt a none write
-- :in id id, text s
-- :seals t row id key id
UPDATE t SET s = :s WHERE id = :id;
