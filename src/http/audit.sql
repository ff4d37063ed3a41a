-- audit.sql - the spine's own statement; no feature can reach it.  Tenant, actor
-- and time are columns of the row here, not the context's: one statement writes
-- the entries of a whole batch.  The epoch is the column's default: see
-- 0006_audit_batches.

-- :stmt audit_add none write later together
-- :in id id, id tenant_id, time at, text event, id actor_id, text role, id subject_id, id patient_id, int status, text route, text request_id, text address, blob reason, blob before_value, blob after_value, text extra
INSERT INTO audit_entry(id, tenant_id, at, event, actor_id, role, subject_id, patient_id, status, route,
                        request_id, address, reason_sealed, before_sealed, after_sealed, extra)
-- :sqlite
VALUES (:id, :tenant_id, :at, :event, :actor_id, :role, :subject_id, :patient_id, :status, :route,
        :request_id, :address, :reason, :before_value, :after_value, :extra);
-- :postgres
SELECT * FROM unnest(:id, :tenant_id, :at, :event, :actor_id, :role, :subject_id, :patient_id, :status, :route,
                     :request_id, :address, :reason, :before_value, :after_value, :extra);
-- :both
