-- tenants.sql - every statement of the institutions.
-- :include features/tenants/tenants.h

-- :stmt tenant_insert change write
-- :in id id, text slug, text name, int demo, text cnpj, text cnes, blob wrapped_key
INSERT INTO tenant(id, slug, name, demo, cnpj, cnes, wrapped_key, version, created_at, updated_at)
VALUES (:id, :slug, :name, :demo, :cnpj, :cnes, :wrapped_key, 1, :now, :now);

-- :stmt tenant_by_slug one institution
-- :in text slug
SELECT id, slug, name, demo, cnpj, cnes, version, created_at, updated_at, suspended_at FROM tenant WHERE slug = :slug;

-- :stmt tenant_get one institution
-- :in id id
SELECT id, slug, name, demo, cnpj, cnes, version, created_at, updated_at, suspended_at FROM tenant WHERE id = :id;

-- :stmt tenant_list many institution
-- :in id platform
SELECT id, slug, name, demo, cnpj, cnes, version, created_at, updated_at, suspended_at FROM tenant
 WHERE id <> :platform ORDER BY slug;

-- :stmt tenant_update change write
-- :in id id, int version, text name, text cnpj, text cnes, time suspended_at
UPDATE tenant SET name = :name, cnpj = :cnpj, cnes = :cnes, suspended_at = :suspended_at, version = version + 1,
       updated_at = :now
 WHERE id = :id AND version = :version;
