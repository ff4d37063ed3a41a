-- 0011_account_cpf: an account is bound to a person's CPF (SBIS NGS1.03). Sealed, found by a keyed
-- token; one active account a person in an institution. Accounts from before have none until it is given.
ALTER TABLE app_user ADD COLUMN cpf_sealed @blob;
ALTER TABLE app_user ADD COLUMN cpf_token @blob;
CREATE UNIQUE INDEX app_user_by_cpf ON app_user(tenant_id, cpf_token) WHERE disabled_at IS NULL AND cpf_token IS NOT NULL;
