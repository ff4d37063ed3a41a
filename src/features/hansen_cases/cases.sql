-- cases.sql - hanseníase cases, their events and contacts.
-- :include features/hansen_cases/case.h
-- :include features/hansen_cases/case_rows.h

-- :stmt hansen_case_add change write tenant
-- :in id id, id patient_id, text state, text unit, text municipality, date diagnosed_on, text entry_mode, text detection_mode, text clinical_form, text operational_class, text smear, text regimen, int planned_doses, int window_months, text age_group, opt_int gif_diagnosis, sealed content
-- :seals hansen_case row id key patient_id
INSERT INTO hansen_case(tenant_id, id, patient_id, open_patient_id, state, unit, municipality, diagnosed_on, entry_mode,
                        detection_mode, clinical_form, initial_class, operational_class, smear, regimen, planned_doses,
                        window_months, age_group, gif_diagnosis, last_seen_on, content_sealed, created_by, created_at, updated_at)
VALUES (:tenant, :id, :patient_id, :patient_id, :state, :unit, :municipality, :diagnosed_on, :entry_mode,
        :detection_mode, :clinical_form, :operational_class, :operational_class, :smear, :regimen, :planned_doses,
        :window_months, :age_group, :gif_diagnosis, :diagnosed_on, :content, :actor, :now, :now);

-- :stmt hansen_case_get one hansen_case tenant care
-- :in id id
SELECT c.id, c.patient_id, c.state, c.unit, c.municipality, c.diagnosed_on, c.notified_on, c.entry_mode, c.detection_mode,
       c.clinical_form, c.initial_class, c.operational_class, c.smear, c.regimen, c.planned_doses, c.window_months,
       c.age_group, c.gif_diagnosis, c.gif_discharge, c.started_on, c.doses, c.last_dose_on, c.last_seen_on,
       c.last_assessed_on, c.reaction, c.discharged_on, c.discharge, c.content_sealed, c.version, c.created_by,
       c.created_at, c.updated_at
  FROM hansen_case c WHERE c.tenant_id = :tenant AND c.id = :id AND @care(c.patient_id);

-- :stmt hansen_case_list many hansen_case tenant care
-- :in id before, id patient_id, text state, int row_limit
SELECT c.id, c.patient_id, c.state, c.unit, c.municipality, c.diagnosed_on, c.notified_on, c.entry_mode, c.detection_mode,
       c.clinical_form, c.initial_class, c.operational_class, c.smear, c.regimen, c.planned_doses, c.window_months,
       c.age_group, c.gif_diagnosis, c.gif_discharge, c.started_on, c.doses, c.last_dose_on, c.last_seen_on,
       c.last_assessed_on, c.reaction, c.discharged_on, c.discharge, c.content_sealed, c.version, c.created_by,
       c.created_at, c.updated_at
  FROM hansen_case c
 WHERE c.tenant_id = :tenant AND c.id < :before AND @care(c.patient_id)
   AND (CAST(:patient_id AS @blob) IS NULL OR c.patient_id = :patient_id)
   AND (CAST(:state AS TEXT) IS NULL OR c.state = :state)
 ORDER BY c.id DESC LIMIT :row_limit;

-- :stmt hansen_case_store change write tenant
-- :in id id, id patient_id, int version, bool active, text state, text unit, text municipality, date diagnosed_on, date notified_on, text entry_mode, text detection_mode, text clinical_form, text operational_class, text smear, text regimen, int planned_doses, int window_months, text age_group, opt_int gif_diagnosis, opt_int gif_discharge, date started_on, int doses, date last_dose_on, date last_seen_on, date last_assessed_on, text reaction, date discharged_on, text discharge, sealed content
-- :seals hansen_case row id key patient_id
UPDATE hansen_case SET open_patient_id = CASE WHEN :active = 1 THEN patient_id ELSE NULL END, state = :state, unit = :unit,
       municipality = :municipality, diagnosed_on = :diagnosed_on, notified_on = :notified_on, entry_mode = :entry_mode,
       detection_mode = :detection_mode, clinical_form = :clinical_form, operational_class = :operational_class,
       smear = :smear, regimen = :regimen, planned_doses = :planned_doses, window_months = :window_months,
       age_group = :age_group, gif_diagnosis = :gif_diagnosis, gif_discharge = :gif_discharge, started_on = :started_on,
       doses = :doses, last_dose_on = :last_dose_on, last_seen_on = :last_seen_on, last_assessed_on = :last_assessed_on,
       reaction = :reaction, discharged_on = :discharged_on, discharge = :discharge, content_sealed = :content,
       version = version + 1, updated_at = :now
 WHERE tenant_id = :tenant AND id = :id AND patient_id = :patient_id AND version = :version;

-- The active cases in the reader's reach, with what their next steps depend on.
-- :stmt hansen_board many board_row tenant care
-- :in text unit, int row_limit
SELECT c.id, c.patient_id, c.state, c.unit, c.operational_class, c.clinical_form, c.entry_mode, c.diagnosed_on, c.notified_on,
       c.planned_doses, c.window_months, c.doses, c.started_on, c.last_dose_on, c.last_seen_on, c.last_assessed_on,
       (SELECT COUNT(*) FROM hansen_contact k WHERE k.case_id = c.id AND k.examined_on IS NULL) AS contacts_waiting,
       (SELECT COUNT(*) FROM hansen_event e WHERE e.case_id = c.id AND e.kind = 'REACTION' AND e.until_day IS NULL
           AND e.removed_at IS NULL) AS reactions_open
  FROM hansen_case c
 WHERE c.tenant_id = :tenant AND c.state IN ('DIAGNOSED', 'IN_TREATMENT') AND @care(c.patient_id)
   AND (CAST(:unit AS TEXT) IS NULL OR c.unit = :unit)
 ORDER BY c.id DESC LIMIT :row_limit;

-- ---- events

-- :stmt hansen_event_add change write tenant
-- :in id id, id case_id, id patient_id, text kind, opt_int number, date on_day, sealed content
-- :seals hansen_event row id key patient_id
INSERT INTO hansen_event(tenant_id, id, case_id, patient_id, kind, number, on_day, content_sealed, author_id, created_at, updated_at)
VALUES (:tenant, :id, :case_id, :patient_id, :kind, :number, :on_day, :content, :actor, :now, :now);

-- :stmt hansen_event_get one hansen_event tenant care
-- :in id id
SELECT e.id, e.case_id, e.patient_id, e.kind, e.number, e.on_day, e.until_day, e.content_sealed, e.version, e.author_id,
       e.created_at, e.updated_at
  FROM hansen_event e WHERE e.tenant_id = :tenant AND e.id = :id AND e.removed_at IS NULL AND @care(e.patient_id);

-- :stmt hansen_event_list many hansen_event tenant care
-- :in id case_id
SELECT e.id, e.case_id, e.patient_id, e.kind, e.number, e.on_day, e.until_day, e.content_sealed, e.version, e.author_id,
       e.created_at, e.updated_at
  FROM hansen_event e
 WHERE e.tenant_id = :tenant AND e.case_id = :case_id AND e.removed_at IS NULL AND @care(e.patient_id)
 ORDER BY e.on_day, e.id LIMIT 1000;

-- :stmt hansen_doses many dose_day tenant
-- :in id case_id
SELECT e.on_day FROM hansen_event e
 WHERE e.tenant_id = :tenant AND e.case_id = :case_id AND e.kind = 'DOSE' AND e.removed_at IS NULL ORDER BY e.number;

-- :stmt hansen_event_change change write tenant
-- :in id id, id patient_id, int version, date until_day, sealed content
-- :seals hansen_event row id key patient_id
UPDATE hansen_event SET until_day = :until_day, content_sealed = :content, version = version + 1, updated_at = :now
 WHERE tenant_id = :tenant AND id = :id AND patient_id = :patient_id AND version = :version AND removed_at IS NULL;

-- :stmt hansen_event_remove change write tenant
-- :in id id, id patient_id, sealed remove_reason
-- :seals hansen_event row id key patient_id
UPDATE hansen_event SET removed_at = :now, removed_by = :actor, remove_reason_sealed = :remove_reason, number = NULL,
       version = version + 1, updated_at = :now
 WHERE tenant_id = :tenant AND id = :id AND patient_id = :patient_id AND removed_at IS NULL;

-- ---- contacts

-- :stmt hansen_contact_add change write tenant
-- :in id id, id case_id, id patient_id, id contact_patient_id, text kind, sealed content
-- :seals hansen_contact row id key patient_id
INSERT INTO hansen_contact(tenant_id, id, case_id, patient_id, contact_patient_id, kind, content_sealed, created_by,
                           created_at, updated_at)
VALUES (:tenant, :id, :case_id, :patient_id, :contact_patient_id, :kind, :content, :actor, :now, :now);

-- :stmt hansen_contact_get one hansen_contact tenant care
-- :in id id
SELECT t.id, t.case_id, t.patient_id, t.contact_patient_id, t.kind, t.examined_on, t.result, t.content_sealed, t.version,
       t.created_by, t.created_at, t.updated_at
  FROM hansen_contact t WHERE t.tenant_id = :tenant AND t.id = :id AND @care(t.patient_id);

-- :stmt hansen_contact_list many hansen_contact tenant care
-- :in id case_id
SELECT t.id, t.case_id, t.patient_id, t.contact_patient_id, t.kind, t.examined_on, t.result, t.content_sealed, t.version,
       t.created_by, t.created_at, t.updated_at
  FROM hansen_contact t WHERE t.tenant_id = :tenant AND t.case_id = :case_id AND @care(t.patient_id) ORDER BY t.id LIMIT 500;

-- :stmt hansen_contact_examined change write tenant
-- :in id id, id patient_id, int version, date examined_on, text result, sealed content
-- :seals hansen_contact row id key patient_id
UPDATE hansen_contact SET examined_on = :examined_on, result = :result, content_sealed = :content, version = version + 1,
       updated_at = :now
 WHERE tenant_id = :tenant AND id = :id AND patient_id = :patient_id AND version = :version;
