-- privacy.sql - consents, requests of data subjects, erasure.
-- :include features/privacy/privacy.h
-- :include features/privacy/privacy_rows.h

-- :stmt term_list many consent_term tenant
SELECT t.id, t.purpose, t.version, t.title, t.body, t.published_at FROM consent_term t
 WHERE t.tenant_id = :tenant ORDER BY t.purpose, t.version DESC;

-- :stmt term_get one consent_term tenant
-- :in id id
SELECT t.id, t.purpose, t.version, t.title, t.body, t.published_at FROM consent_term t
 WHERE t.tenant_id = :tenant AND t.id = :id;

-- :stmt term_last one privacy_count tenant
-- :in text purpose
SELECT COALESCE(MAX(version), 0) AS n FROM consent_term WHERE tenant_id = :tenant AND purpose = :purpose;

-- :stmt term_add change write tenant
-- :in id id, text purpose, int version, text title, text body
INSERT INTO consent_term(tenant_id, id, purpose, version, title, body, published_at, published_by)
VALUES (:tenant, :id, :purpose, :version, :title, :body, :now, :actor);

-- :stmt consent_list many consent tenant care
-- :in id patient_id
SELECT c.id, c.patient_id, c.term_id, c.purpose, c.given_at, c.given_by, c.proof_sealed, c.withdrawn_at, c.withdrawn_by
  FROM consent c WHERE c.tenant_id = :tenant AND c.patient_id = :patient_id AND @care(c.patient_id) ORDER BY c.id DESC;

-- :stmt consent_get one consent tenant care
-- :in id id
SELECT c.id, c.patient_id, c.term_id, c.purpose, c.given_at, c.given_by, c.proof_sealed, c.withdrawn_at, c.withdrawn_by
  FROM consent c WHERE c.tenant_id = :tenant AND c.id = :id AND @care(c.patient_id);

-- :stmt consent_living one privacy_count tenant
-- :in id patient_id, text purpose
SELECT COUNT(*) AS n FROM consent c WHERE c.tenant_id = :tenant AND c.patient_id = :patient_id AND c.purpose = :purpose
   AND c.withdrawn_at IS NULL;

-- :stmt consent_add change write tenant
-- :in id id, id patient_id, id term_id, text purpose, sealed proof
-- :seals consent row id key patient_id
INSERT INTO consent(tenant_id, id, patient_id, term_id, purpose, given_at, given_by, proof_sealed)
VALUES (:tenant, :id, :patient_id, :term_id, :purpose, :now, :actor, :proof);

-- :stmt consent_withdraw change write tenant
-- :in id id
UPDATE consent SET withdrawn_at = :now, withdrawn_by = :actor WHERE tenant_id = :tenant AND id = :id AND withdrawn_at IS NULL;

-- :stmt request_add change write tenant
-- :in id id, id patient_id, text kind, date due, sealed details
-- :seals subject_request row id key patient_id
INSERT INTO subject_request(tenant_id, id, patient_id, kind, status, opened_at, opened_by, due, details_sealed)
VALUES (:tenant, :id, :patient_id, :kind, 'OPEN', :now, :actor, :due, :details);

-- :stmt request_get one subject_request tenant care
-- :in id id
SELECT r.id, r.patient_id, r.kind, r.status, r.opened_at, r.opened_by, r.due, r.details_sealed, r.answer_sealed,
       r.decided_at, r.decided_by, r.version
  FROM subject_request r WHERE r.tenant_id = :tenant AND r.id = :id AND @care(r.patient_id);

-- :stmt request_list many subject_request tenant care
-- :in id before, id patient_id, bool open, int row_limit
SELECT r.id, r.patient_id, r.kind, r.status, r.opened_at, r.opened_by, r.due, r.details_sealed, r.answer_sealed,
       r.decided_at, r.decided_by, r.version
  FROM subject_request r
 WHERE r.tenant_id = :tenant AND r.id < :before AND (CAST(:patient_id AS @blob) IS NULL OR r.patient_id = :patient_id)
   AND (:open = 0 OR r.status = 'OPEN') AND @care(r.patient_id)
 ORDER BY r.id DESC LIMIT :row_limit;

-- :stmt request_decide change write tenant
-- :in id id, id patient_id, int version, text status, sealed answer
-- :seals subject_request row id key patient_id
UPDATE subject_request SET status = :status, answer_sealed = :answer, decided_at = :now, decided_by = :actor, version = version + 1
 WHERE tenant_id = :tenant AND id = :id AND patient_id = :patient_id AND version = :version AND status = 'OPEN';

-- :stmt chart_last_entry one chart_extent tenant
-- :in id patient_id
-- :sqlite
SELECT MAX(r.updated_at) AS last_entry, COUNT(*) AS records FROM record_words w CROSS JOIN medical_record r
 WHERE w.tenant_id = :tenant AND w.patient_id = :patient_id AND r.id = w.record_id AND r.tenant_id = :tenant
   AND r.patient_id = :patient_id;
-- :postgres
SELECT MAX(updated_at) AS last_entry, COUNT(*) AS records FROM medical_record WHERE tenant_id = :tenant AND patient_id = :patient_id;
-- :both

-- :stmt patient_restrict change write tenant
-- :in id id
UPDATE patient SET restricted_at = COALESCE(restricted_at, :now), updated_at = :now, version = version + 1
 WHERE tenant_id = :tenant AND id = :id;

-- :stmt patient_erased change write tenant
-- :in id id
UPDATE patient SET cpf_token = NULL, cns_token = NULL, sex = NULL, restricted_at = COALESCE(restricted_at, :now),
       deleted_at = COALESCE(deleted_at, :now), updated_at = :now, version = version + 1
 WHERE tenant_id = :tenant AND id = :id;

-- :stmt erase_patient_tokens none write tenant
-- :in id patient_id
DELETE FROM patient_token WHERE tenant_id = :tenant AND patient_id = :patient_id;

-- The rows stay, because the records do: without them SQLite would not find the chart's records.
-- :stmt erase_record_words none write tenant
-- :in id patient_id
UPDATE record_words SET words = CAST('' AS @blob), bloom_low = 0, bloom_high = 0 WHERE tenant_id = :tenant AND patient_id = :patient_id;

-- :stmt consent_withdraw_all none write tenant
-- :in id patient_id
UPDATE consent SET withdrawn_at = :now, withdrawn_by = :actor
 WHERE tenant_id = :tenant AND patient_id = :patient_id AND withdrawn_at IS NULL;

-- :stmt certificate_add change write tenant
-- :in id id, id patient_id, id request_id, time last_entry, text approval, int records
INSERT INTO erasure_certificate(tenant_id, id, patient_id, request_id, last_entry, approval, at, by_user, records)
VALUES (:tenant, :id, :patient_id, :request_id, COALESCE(:last_entry, 0), :approval, :now, :actor, :records);

-- :stmt certificate_list many erasure_certificate tenant
SELECT e.id, e.patient_id, e.request_id, e.last_entry, e.approval, e.at, e.by_user, e.records
  FROM erasure_certificate e WHERE e.tenant_id = :tenant ORDER BY e.id DESC LIMIT 1000;
