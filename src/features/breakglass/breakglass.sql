-- breakglass.sql - openings outside care and their reviews.
-- :include features/breakglass/breakglass.h

-- :stmt glass_patient one located tenant
-- :in id id
SELECT id FROM patient WHERE tenant_id = :tenant AND id = :id AND deleted_at IS NULL;

-- :stmt glass_in_care one break_glass_count tenant
-- :in id patient_id
SELECT COUNT(*) AS n FROM care WHERE tenant_id = :tenant AND user_id = :actor AND patient_id = :patient_id AND until > :now;

-- :stmt glass_add change write tenant
-- :in id id, id patient_id, sealed reason, time until
-- :seals break_glass row id key patient_id
INSERT INTO break_glass(tenant_id, id, patient_id, user_id, reason_sealed, at, until)
VALUES (:tenant, :id, :patient_id, :actor, :reason, :now, :until);

-- :stmt glass_list many break_glass tenant
-- :in id before, bool pending, int row_limit
SELECT b.id, b.patient_id, b.user_id, b.reason_sealed, b.at, b.until, b.reviewed_at, b.reviewed_by, b.verdict, b.note_sealed
  FROM break_glass b
 WHERE b.tenant_id = :tenant AND b.id < :before AND (:pending = 0 OR b.reviewed_at IS NULL)
 ORDER BY b.id DESC LIMIT :row_limit;

-- :stmt glass_get one break_glass tenant
-- :in id id
SELECT b.id, b.patient_id, b.user_id, b.reason_sealed, b.at, b.until, b.reviewed_at, b.reviewed_by, b.verdict, b.note_sealed
  FROM break_glass b WHERE b.tenant_id = :tenant AND b.id = :id;

-- :stmt glass_review change write tenant
-- :in id id, id patient_id, text verdict, sealed note
-- :seals break_glass row id key patient_id
UPDATE break_glass SET reviewed_at = :now, reviewed_by = :actor, verdict = :verdict, note_sealed = :note
 WHERE tenant_id = :tenant AND id = :id AND patient_id = :patient_id AND reviewed_at IS NULL;
