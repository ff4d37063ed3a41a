-- expect: belongs to one tenant
-- :stmt a one t
-- :in id id
SELECT x FROM medical_record WHERE id = :id;
