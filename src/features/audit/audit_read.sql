-- audit_read.sql - reading the trail.  Nothing here changes it.
-- :include features/audit/audit_rows.h

-- :stmt audit_list many audit_row tenant
-- :in int before, text event, id actor_id, id subject_id, time from_at, time to_at, int row_limit
SELECT e.seq, e.id, e.at, e.event, e.actor_id, e.role, e.subject_id, e.patient_id, e.status, e.route, e.request_id,
       e.address, (e.reason_sealed IS NOT NULL) AS has_reason, (e.before_sealed IS NOT NULL) AS has_before,
       (e.after_sealed IS NOT NULL) AS has_after, e.extra
  FROM audit_entry e
 WHERE e.tenant_id = :tenant AND e.seq < :before
   AND (CAST(:event AS TEXT) IS NULL OR e.event = :event)
   AND (CAST(:actor_id AS @blob) IS NULL OR e.actor_id = :actor_id)
   AND (CAST(:subject_id AS @blob) IS NULL OR e.subject_id = :subject_id OR e.patient_id = :subject_id)
   AND (CAST(:from_at AS BIGINT) IS NULL OR e.at >= :from_at)
   AND (CAST(:to_at AS BIGINT) IS NULL OR e.at < :to_at)
 ORDER BY e.seq DESC LIMIT :row_limit;

-- :stmt audit_get one audit_row tenant
-- :in int seq
SELECT e.seq, e.id, e.at, e.event, e.actor_id, e.role, e.subject_id, e.patient_id, e.status, e.route, e.request_id,
       e.address, (e.reason_sealed IS NOT NULL) AS has_reason, (e.before_sealed IS NOT NULL) AS has_before,
       (e.after_sealed IS NOT NULL) AS has_after, e.extra
  FROM audit_entry e WHERE e.seq = :seq AND e.tenant_id = :tenant;

-- :stmt access_list many access_row tenant
-- :in id patient_id, int before, int row_limit
SELECT e.seq, e.id, e.at, e.event, e.actor_id, e.role, e.subject_id, e.status
  FROM audit_entry e
 WHERE e.tenant_id = :tenant AND e.patient_id = :patient_id AND e.seq < :before AND e.seq IN (
       SELECT p.seq FROM audit_run u CROSS JOIN audit_patient p WHERE p.run = u.range_from AND p.patient_id = :patient_id
        UNION ALL
       SELECT t.seq FROM audit_entry t WHERE t.patient_id = :patient_id
-- :sqlite
          AND t.seq >= COALESCE((SELECT u.range_to FROM audit_run u ORDER BY u.range_from DESC LIMIT 1), 0))
-- :postgres
          AND t.epoch >= COALESCE((SELECT u.range_to FROM audit_run u ORDER BY u.range_from DESC LIMIT 1), 0))
-- :both
 ORDER BY e.seq DESC LIMIT :row_limit;
