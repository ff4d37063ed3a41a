-- migrate.sql - which migrations were applied; the table itself is made by migrate.c.
-- :include store/applied.h
-- :include store/trail.h

-- :stmt migration_table  one trail_number
-- :sqlite
SELECT COUNT(*) AS n FROM sqlite_master WHERE type = 'table' AND name = 'schema_migration';
-- :postgres
SELECT COUNT(to_regclass('schema_migration')) AS n;
-- :both

-- :stmt migration_list  many applied_migration
SELECT number, name, sha256, applied_at FROM schema_migration ORDER BY number;

-- :stmt migration_add  none  write
-- :in int number, text name, blob sha256
INSERT INTO schema_migration (number, name, sha256, applied_at) VALUES (:number, :name, :sha256, :now);
