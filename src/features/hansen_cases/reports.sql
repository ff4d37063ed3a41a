-- reports.sql - the monthly bulletin, and counts for indicators. Counts name nobody and so do not ask for a
-- care relation: they are the institution's, whoever among those who may see reports asks.
-- :include features/hansen_cases/case_rows.h

-- Cases under follow-up in the month: diagnosed by its end, not discharged before it.
-- :stmt hansen_bulletin many bulletin_row tenant care
-- :in date first, date last, text unit, int row_limit
SELECT c.id, c.patient_id, c.diagnosed_on, c.operational_class, c.regimen, c.reaction,
       CASE WHEN c.discharged_on <= :last THEN c.discharge ELSE NULL END AS discharge,
       CASE WHEN c.discharged_on <= :last THEN c.gif_discharge ELSE NULL END AS gif_discharge,
       CASE WHEN c.discharged_on <= :last THEN c.discharged_on ELSE NULL END AS discharged_on,
       (SELECT MAX(e.on_day) FROM hansen_event e WHERE e.case_id = c.id AND e.removed_at IS NULL AND e.kind <> 'STATE'
           AND e.on_day <= :last) AS last_seen_on,
       (SELECT COUNT(*) FROM hansen_event e WHERE e.case_id = c.id AND e.removed_at IS NULL AND e.kind = 'DOSE'
           AND e.on_day <= :last) AS doses,
       (SELECT COUNT(*) FROM hansen_contact k WHERE k.case_id = c.id) AS contacts,
       (SELECT COUNT(*) FROM hansen_contact k WHERE k.case_id = c.id AND k.examined_on <= :last) AS contacts_examined,
       c.content_sealed
  FROM hansen_case c
 WHERE c.tenant_id = :tenant AND @care(c.patient_id) AND c.diagnosed_on <= :last
   AND (c.discharged_on IS NULL OR c.discharged_on >= :first)
   AND (CAST(:unit AS TEXT) IS NULL OR c.unit = :unit)
 ORDER BY c.diagnosed_on, c.id LIMIT :row_limit;

-- The cohorts as in coorte_cura: PB of the year before with PQT/PB/6, MB of two years before with PQT/MB/12, new cases.
-- :stmt hansen_counts one indicator_counts tenant
-- :in date from_day, date to_day, date pb_from, date pb_to, date mb_from, date mb_to, text unit, text municipality
SELECT COALESCE(SUM(CASE WHEN c.is_new = 1 THEN 1 ELSE 0 END), 0) AS new_cases,
       COALESCE(SUM(CASE WHEN c.is_new = 1 AND c.age_group = '0_14' THEN 1 ELSE 0 END), 0) AS new_0_14,
       COALESCE(SUM(CASE WHEN c.is_new = 1 AND c.gif_diagnosis = 2 THEN 1 ELSE 0 END), 0) AS new_gif2,
       COALESCE(SUM(CASE WHEN c.is_new = 1 AND c.gif_diagnosis IS NOT NULL THEN 1 ELSE 0 END), 0) AS new_evaluated,
       COALESCE(SUM(CASE WHEN c.is_cured = 1 THEN 1 ELSE 0 END), 0) AS cured,
       COALESCE(SUM(CASE WHEN c.is_cured = 1 AND c.gif_discharge IS NOT NULL THEN 1 ELSE 0 END), 0) AS cured_evaluated,
       COALESCE(SUM(CASE WHEN c.diagnosed_on <= :to_day AND (c.discharged_on IS NULL OR c.discharged_on > :to_day) THEN 1
           ELSE 0 END), 0) AS active,
       COALESCE(SUM(CASE WHEN c.in_cohort = 1 THEN 1 ELSE 0 END), 0) AS cohort,
       COALESCE(SUM(CASE WHEN c.in_cohort = 1 AND c.discharge = 'CURA' THEN 1 ELSE 0 END), 0) AS cohort_cured,
       COALESCE(SUM(CASE WHEN c.in_cohort = 1 AND c.discharge = 'ABANDONO' THEN 1 ELSE 0 END), 0) AS cohort_abandoned,
       COALESCE(SUM(CASE WHEN c.in_cohort = 1 AND c.discharge = 'ERRO_DIAGNOSTICO' THEN 1 ELSE 0 END), 0) AS cohort_misdiagnosed,
       CAST(COALESCE(SUM(CASE WHEN c.in_cohort = 1 THEN c.contacts ELSE 0 END), 0) AS BIGINT) AS contacts,
       CAST(COALESCE(SUM(CASE WHEN c.in_cohort = 1 THEN c.examined ELSE 0 END), 0) AS BIGINT) AS contacts_examined
  FROM (SELECT k.diagnosed_on, k.discharged_on, k.discharge, k.age_group, k.gif_diagnosis, k.gif_discharge,
               CASE WHEN k.entry_mode = 'CASO_NOVO' AND k.diagnosed_on >= :from_day AND k.diagnosed_on <= :to_day
                    AND k.state <> 'MISDIAGNOSED' THEN 1 ELSE 0 END AS is_new,
               CASE WHEN k.discharge = 'CURA' AND k.discharged_on >= :from_day AND k.discharged_on <= :to_day THEN 1 ELSE 0 END AS is_cured,
               CASE WHEN k.entry_mode = 'CASO_NOVO' AND (
                       (k.operational_class = 'PB' AND k.regimen = 'PQT_PB_6' AND k.diagnosed_on >= :pb_from AND k.diagnosed_on <= :pb_to)
                    OR (k.operational_class = 'MB' AND k.regimen = 'PQT_MB_12' AND k.diagnosed_on >= :mb_from AND k.diagnosed_on <= :mb_to))
                    THEN 1 ELSE 0 END AS in_cohort,
               (SELECT COUNT(*) FROM hansen_contact x WHERE x.case_id = k.id) AS contacts,
               (SELECT COUNT(*) FROM hansen_contact x WHERE x.case_id = k.id AND x.examined_on IS NOT NULL) AS examined
          FROM hansen_case k
         WHERE k.tenant_id = :tenant AND (CAST(:unit AS TEXT) IS NULL OR k.unit = :unit)
           AND (CAST(:municipality AS TEXT) IS NULL OR k.municipality = :municipality)) c;
