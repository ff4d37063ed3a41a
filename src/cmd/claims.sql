-- claims.sql - what the promises of one institution are seen by.
-- :include cmd/claims.h

-- :stmt claim_count one claim_counts tenant
-- :in date today, time week_ago, time term_ago
SELECT (SELECT COUNT(*) FROM patient WHERE tenant_id = :tenant) AS patients,
       (SELECT COUNT(*) FROM medical_record WHERE tenant_id = :tenant) AS records,
       (SELECT COUNT(*) FROM consent WHERE tenant_id = :tenant AND withdrawn_at IS NULL) AS consents,
       (SELECT COUNT(*) FROM consent c WHERE c.tenant_id = :tenant AND c.withdrawn_at IS NULL AND NOT EXISTS
           (SELECT 1 FROM consent_term t WHERE t.tenant_id = :tenant AND t.id = c.term_id AND t.purpose = c.purpose)) AS termless,
       (SELECT COUNT(*) FROM break_glass WHERE tenant_id = :tenant AND reviewed_at IS NULL) AS glass,
       (SELECT COUNT(*) FROM break_glass WHERE tenant_id = :tenant AND reviewed_at IS NULL AND at < :week_ago) AS glass_old,
       (SELECT COUNT(*) FROM subject_request WHERE tenant_id = :tenant AND status = 'OPEN') AS open,
       (SELECT COUNT(*) FROM subject_request WHERE tenant_id = :tenant AND status = 'OPEN' AND due < :today) AS overdue,
       (SELECT COUNT(*) FROM erasure_certificate WHERE tenant_id = :tenant) AS erased,
       (SELECT COUNT(*) FROM erasure_certificate e JOIN patient_key k ON k.patient_id = e.patient_id
         WHERE e.tenant_id = :tenant AND k.tenant_id = :tenant AND k.wrapped_key IS NOT NULL) AS undestroyed,
       (SELECT COUNT(*) FROM (SELECT r.patient_id FROM medical_record r WHERE r.tenant_id = :tenant
         GROUP BY r.patient_id HAVING MAX(r.updated_at) < :term_ago) p WHERE NOT EXISTS
           (SELECT 1 FROM erasure_certificate e WHERE e.tenant_id = :tenant AND e.patient_id = p.patient_id)) AS expired,
       (SELECT COUNT(*) FROM incident WHERE tenant_id = :tenant AND closed_at IS NULL) AS incidents,
       (SELECT COUNT(*) FROM incident WHERE tenant_id = :tenant AND closed_at IS NULL AND communicated_at IS NULL
           AND due < :today) AS late;

-- The newest, whose pages of the files are likeliest to be still in the log of changes.
-- :stmt claim_samples many claim_sample tenant
-- :in int row_limit
SELECT p.id, p.name_sealed, p.cpf_sealed FROM patient p WHERE p.tenant_id = :tenant ORDER BY p.id DESC LIMIT :row_limit;

-- :stmt claim_raws many claim_raw tenant
-- :in int row_limit
SELECT p.name_sealed AS name FROM patient p WHERE p.tenant_id = :tenant AND p.name_sealed IS NOT NULL
 ORDER BY p.id DESC LIMIT :row_limit;
