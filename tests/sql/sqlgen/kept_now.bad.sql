-- expect: does not depend on :now
-- :stmt kept_now one record kept
-- :in id id
SELECT id FROM record WHERE id = :id AND until > :now;
