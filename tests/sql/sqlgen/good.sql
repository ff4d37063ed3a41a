-- A comment with :a parameter and an ' apostrophe.
-- :include features/thing.h

-- :stmt good_pick  one thing  tenant
-- :in id x
-- :sqlite
SELECT a, ':no' AS b FROM t   -- :not, a parameter
 WHERE tenant_id = :tenant AND (x = :x OR y = :x) AND z <> ':x';
-- :postgres
SELECT a, ':no' AS b FROM t WHERE tenant_id = :tenant AND (x = :x OR y = :x) AND z::text <> ':x';

-- :stmt good_all  many thing
SELECT a FROM t;

-- :stmt good_cared  many thing  tenant care
SELECT a FROM t WHERE tenant_id = :tenant AND @care(t.patient_id);

-- :stmt good_put  none  write tenant
-- :in id id, id patient_id
-- :in sealed title, sealed_date day
-- :seals thing row id key patient_id
INSERT INTO t (tenant_id, id, patient_id, title, day) VALUES (:tenant, :id, :patient_id, :title, :day);

-- :stmt good_name  change  write tenant
-- :in id id, sealed name
-- :seals thing row id key tenant
UPDATE t SET name = :name WHERE tenant_id = :tenant AND id = :id;

-- :stmt good_note  none  write later
-- :in text what
INSERT INTO n (what, at) VALUES (:what, :now);
