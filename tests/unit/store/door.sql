-- door.sql - statements on a table that only the tests of the door have.
-- :include unit/store/fixture.h

-- :stmt door_add  none  write tenant
-- :in id id, id patient, text name, int n, opt_int o, bool flag, time at, date day, blob bytes
-- :in sealed secret, sealed_date birth
-- :seals door row id key patient
INSERT INTO door (tenant_id, id, patient_id, name, n, o, flag, at, day, bytes, secret_sealed, birth_sealed, made_by, made_at)
VALUES (:tenant, :id, :patient, :name, :n, :o, :flag, :at, :day, :bytes, :secret, :birth, :actor, :now);

-- :stmt door_add_later  none  write tenant later
-- :in id id, text name, int n
INSERT INTO door (tenant_id, id, name, n, flag, made_at) VALUES (:tenant, :id, :name, :n, 0, :now);

-- :stmt door_add_together  none  write later together
-- :in id owner, id id, text name, int n, opt_int o, blob bytes
INSERT INTO door (tenant_id, id, name, n, o, bytes, flag, made_at)
-- :sqlite
VALUES (:owner, :id, :name, :n, :o, :bytes, 0, 0);
-- :postgres
SELECT *, 0, 0 FROM unnest(:owner, :id, :name, :n, :o, :bytes);
-- :both

-- :stmt door_get  one door  tenant
-- :in id id
SELECT id, patient_id, name, n, o, flag, at, day, bytes, secret_sealed, birth_sealed, made_by, made_at
  FROM door WHERE tenant_id = :tenant AND id = :id;

-- :stmt door_asked  one door  tenant together
-- :in id id, opt_int least
SELECT id, patient_id, name, n, o, flag, at, day, bytes, secret_sealed, birth_sealed, made_by, made_at
  FROM door WHERE tenant_id = :tenant AND id = :id AND (CAST(:least AS BIGINT) IS NULL OR n >= :least);

-- :stmt door_number_asked  one door_number  tenant together
-- :in int o
SELECT id, n FROM door WHERE tenant_id = :tenant AND o = :o ORDER BY n DESC LIMIT 1;

-- :stmt door_kept  one door_number  tenant kept
-- :in id id
SELECT d.id, d.n FROM door d JOIN tenant t ON t.id = d.tenant_id WHERE d.tenant_id = :tenant AND d.id = :id;

-- :stmt door_list  many door_number  tenant
-- :in int least
SELECT id, n FROM door WHERE tenant_id = :tenant AND n >= :least ORDER BY n, id;

-- :stmt door_list_care  many door_number  tenant care
SELECT d.id, d.n FROM door d WHERE d.tenant_id = :tenant AND @care(d.patient_id) ORDER BY d.n;

-- :stmt door_bump  change  write tenant
-- :in id id, int n
UPDATE door SET n = n + 1 WHERE tenant_id = :tenant AND id = :id AND n = :n;

-- :stmt door_bump_all  none  write tenant
UPDATE door SET n = n + 1 WHERE tenant_id = :tenant;

-- :stmt door_insert_returning  one door_number  write tenant
-- :in id id, int n
INSERT INTO door (tenant_id, id, n, flag, made_at) VALUES (:tenant, :id, :n, 0, :now) RETURNING id, n;

-- :stmt door_misplace  none  write tenant
-- :in id id, blob secret
UPDATE door SET secret_sealed = :secret WHERE tenant_id = :tenant AND id = :id;

-- :stmt door_raw  one door_bytes  tenant
-- :in id id
SELECT secret_sealed AS bytes FROM door WHERE tenant_id = :tenant AND id = :id;

-- :stmt door_sum  one door_total  tenant
SELECT count(*) AS rows, CAST(coalesce(sum(n), 0) AS BIGINT) AS total FROM door WHERE tenant_id = :tenant;

-- :stmt door_care  none  write tenant
-- :in id user, id patient, time until
INSERT INTO care (tenant_id, user_id, patient_id, kind, since, until, granted_by)
VALUES (:tenant, :user, :patient, 'TEST', :now, :until, :user);

-- :stmt door_tenant  none  write
-- :in id id, blob wrapped_key, text slug
INSERT INTO tenant (id, slug, name, wrapped_key, created_at, updated_at) VALUES (:id, :slug, :slug, :wrapped_key, :now, :now);

-- :stmt door_misnamed  one door_number  tenant
-- :in id id
SELECT n, id FROM door WHERE tenant_id = :tenant AND id = :id;

-- :stmt door_miscounted  one door_number  tenant
SELECT id FROM door WHERE tenant_id = :tenant;

-- :stmt door_slow  one door_total
-- :sqlite
WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 2000000000) SELECT 0 AS rows, count(*) AS total FROM c;
-- :postgres
SELECT CAST(0 AS BIGINT) AS rows, CAST(1 AS BIGINT) AS total FROM pg_sleep(30);

-- What the second wall is for: it mentions its tenant and forgets to ask for it.
-- :stmt door_careless  one door_total  tenant
SELECT count(*) AS rows, CAST(coalesce(sum(n), 0) AS BIGINT) AS total FROM door WHERE :tenant IS NOT NULL;

-- :stmt door_careless_write  none  write tenant
UPDATE door SET n = -1 WHERE :tenant IS NOT NULL;

-- :stmt door_unwalled  one door_total
SELECT count(*) AS rows, CAST(coalesce(sum(n), 0) AS BIGINT) AS total FROM door;

-- :stmt door_list_all  many door  tenant
SELECT id, patient_id, name, n, o, flag, at, day, bytes, secret_sealed, birth_sealed, made_by, made_at
  FROM door WHERE tenant_id = :tenant ORDER BY n;
