-- incidents.sql - the register, the affected subjects, and what the watch rules ask.
-- :include features/incidents/incidents_rows.h

-- :stmt incident_add change write tenant
-- :in id id, text kind, text opened_by, text dedup, sealed title, sealed description, id actor_id, time occurred_at, bool small_agent, date due, date complement_due
-- :seals incident row id key tenant
INSERT INTO incident(tenant_id, id, kind, status, opened_by, dedup, title_sealed, description_sealed, actor_id, occurred_at,
                     known_at, small_agent, due, complement_due, created_at, updated_at)
VALUES (:tenant, :id, :kind, 'OPEN', :opened_by, :dedup, :title, :description, :actor_id, :occurred_at, :now,
        :small_agent, :due, :complement_due, :now, :now);

-- :stmt incident_get one incident tenant
-- :in id id
SELECT i.id, i.kind, i.status, i.opened_by, i.title_sealed, i.description_sealed, i.risk_sealed, i.measures_sealed,
       i.not_communicated_sealed, i.actor_id, i.occurred_at, i.known_at, i.small_agent, i.relevant, i.due,
       i.complement_due, i.communicated_at, i.complemented_at, i.closed_at, i.version, i.created_at, i.updated_at
  FROM incident i WHERE i.tenant_id = :tenant AND i.id = :id;

-- :stmt incident_list many incident tenant
-- :in id before, bool open, int row_limit
SELECT i.id, i.kind, i.status, i.opened_by, i.title_sealed, i.description_sealed, i.risk_sealed, i.measures_sealed,
       i.not_communicated_sealed, i.actor_id, i.occurred_at, i.known_at, i.small_agent, i.relevant, i.due,
       i.complement_due, i.communicated_at, i.complemented_at, i.closed_at, i.version, i.created_at, i.updated_at
  FROM incident i WHERE i.tenant_id = :tenant AND i.id < :before AND (:open = 0 OR i.closed_at IS NULL)
 ORDER BY i.id DESC LIMIT :row_limit;

-- :stmt incident_change change write tenant
-- :in id id, int version, text status, sealed description, sealed risk, sealed measures, sealed not_communicated, bool relevant, time communicated_at, time complemented_at, time closed_at
-- :seals incident row id key tenant
UPDATE incident SET status = :status, description_sealed = :description, risk_sealed = :risk, measures_sealed = :measures,
       not_communicated_sealed = :not_communicated, relevant = :relevant, communicated_at = :communicated_at,
       complemented_at = :complemented_at, closed_at = :closed_at, version = version + 1, updated_at = :now
 WHERE tenant_id = :tenant AND id = :id AND version = :version;

-- :stmt incident_affected many affected tenant
-- :in id actor_id, time from_at, time to_at
SELECT e.patient_id, MIN(e.at) AS first_at, MAX(e.at) AS last_at, COUNT(*) AS entries FROM audit_entry e
 WHERE e.tenant_id = :tenant AND e.patient_id IS NOT NULL AND e.status < 400 AND e.at >= :from_at AND e.at <= :to_at
   AND (CAST(:actor_id AS @blob) IS NULL OR e.actor_id = :actor_id)
 GROUP BY e.patient_id ORDER BY first_at LIMIT 10000;

-- Across tenants on purpose: the watch looks at everybody.
-- :stmt watch_mass_reading many watch_hit
-- :in time since, int threshold
-- Each pair once, before anything is counted: what SQLite sorts in memory is as many as there are
-- pairs, and not as many as there were readings.
SELECT d.tenant_id, d.actor_id, COUNT(*) AS n
  FROM (SELECT DISTINCT e.tenant_id, e.actor_id, e.patient_id FROM audit_entry e
         WHERE e.seq > (SELECT COALESCE(MAX(seq), 0) - 200000 FROM audit_entry) AND e.at >= :since AND e.actor_id IS NOT NULL
           AND e.patient_id IS NOT NULL AND e.status < 400 AND e.event IN ('patient.read', 'record.read', 'record.list')) d
 GROUP BY d.tenant_id, d.actor_id HAVING COUNT(*) > :threshold;

-- :stmt watch_refusals many watch_hit
-- :in time since, int threshold
SELECT e.tenant_id, e.actor_id, COUNT(*) AS n FROM audit_entry e
 WHERE e.seq > (SELECT COALESCE(MAX(seq), 0) - 200000 FROM audit_entry) AND e.at >= :since AND e.actor_id IS NOT NULL
   AND e.status IN (403, 404)
 GROUP BY e.tenant_id, e.actor_id HAVING COUNT(*) > :threshold;

-- :stmt watch_break_glass many watch_hit
-- :in time since, int threshold
SELECT e.tenant_id, e.actor_id, COUNT(*) AS n FROM audit_entry e
 WHERE e.seq > (SELECT COALESCE(MAX(seq), 0) - 200000 FROM audit_entry) AND e.at >= :since AND e.actor_id IS NOT NULL
   AND e.event = 'access.break_glass' AND e.status < 400
 GROUP BY e.tenant_id, e.actor_id HAVING COUNT(*) > :threshold;
