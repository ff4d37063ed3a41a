-- migrate.sql - which migrations were applied; the table itself is made by migrate.c.
-- :include store/applied.h

-- :stmt migration_list  many applied_migration
SELECT number, name, sha256, applied_at FROM schema_migration ORDER BY number;

-- :stmt migration_add  none  write
-- :in int number, text name, blob sha256
INSERT INTO schema_migration (number, name, sha256, applied_at) VALUES (:number, :name, :sha256, :now);
