-- The peer's store: 301 users, 10 000 patients, 100 000 records, with the B-tree indexes a careful user would add.
CREATE TABLE users (
  id    text PRIMARY KEY,
  name  text NOT NULL,
  role  text NOT NULL CHECK (role IN ('ADMIN','DOCTOR','NURSE','RECEPTIONIST'))
);
CREATE TABLE patients (
  id         uuid PRIMARY KEY,
  name       text NOT NULL,
  cpf        text NOT NULL UNIQUE,
  birth_date date NOT NULL
);
CREATE TABLE medical_records (
  id          uuid PRIMARY KEY,
  patient_id  uuid NOT NULL REFERENCES patients(id),
  doctor_id   text NOT NULL REFERENCES users(id),
  record_type text NOT NULL,
  diagnosis   text NOT NULL,
  treatment   text NOT NULL,
  notes       text NOT NULL DEFAULT '',
  status      text NOT NULL DEFAULT 'ACTIVE',
  version     integer NOT NULL DEFAULT 1,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  deleted_at  timestamptz(3)
);
CREATE TABLE audit_logs (
  id          bigserial PRIMARY KEY,
  at          timestamptz(3) NOT NULL DEFAULT now(),
  actor_id    text NOT NULL,
  actor_role  text NOT NULL,
  action      text NOT NULL,
  entity      text NOT NULL,
  entity_id   text,
  before      jsonb,
  after       jsonb,
  ip          text
);
-- Deterministic: 200 doctors + 50 nurses + 50 receptionists + 1 admin, 10,000 patients, 100,000 records.
-- ids are valid v4-shaped uuids made from md5('patient-N') / md5('record-N'), so any store can be seeded with the same ids.
CREATE FUNCTION pg_temp.uid(s text) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT overlay(overlay(md5(s) placing '4' from 13 for 1) placing '8' from 17 for 1)::uuid $$;
INSERT INTO users
SELECT 'doctor-'||n, 'Dr. Doctor '||n, 'DOCTOR' FROM generate_series(1,200) n
UNION ALL SELECT 'nurse-'||n, 'Nurse '||n, 'NURSE' FROM generate_series(1,50) n
UNION ALL SELECT 'desk-'||n, 'Desk '||n, 'RECEPTIONIST' FROM generate_series(1,50) n
UNION ALL SELECT 'admin-1', 'Admin 1', 'ADMIN';
INSERT INTO patients
SELECT pg_temp.uid('patient-'||n), 'Paciente Numero '||n,
       lpad((n*7919 % 1000)::text,3,'0')||'.'||lpad((n % 1000)::text,3,'0')||'.'||lpad((n/1000)::text,3,'0')||'-'||lpad((n % 97)::text,2,'0'),
       date '1940-01-01' + (n*37 % 25000)
FROM generate_series(1,10000) n;
INSERT INTO medical_records (id, patient_id, doctor_id, record_type, diagnosis, treatment, notes, created_at, updated_at)
SELECT pg_temp.uid('record-'||n), pg_temp.uid('patient-'||((n-1) % 10000 + 1)), 'doctor-'||((n*31) % 200 + 1),
       (ARRAY['CONSULTATION','EXAM','PRESCRIPTION','SURGERY'])[n % 4 + 1],
       'Hipertensao arterial sistemica estagio '||(n % 3 + 1)||', CID I10, caso '||n,
       'Losartana 50 mg 1x/dia, dieta hipossodica, retorno em '||(n % 90 + 1)||' dias',
       'Paciente refere cefaleia ocasional; PA '||(120 + n % 60)||'x'||(70 + n % 40)||'. '||repeat('Sem outras queixas. ', n % 6),
       timestamptz '2024-01-01' + n * interval '7 minutes', timestamptz '2024-01-01' + n * interval '7 minutes'
FROM generate_series(1,100000) n;
CREATE INDEX mr_patient ON medical_records (patient_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX mr_doctor  ON medical_records (doctor_id,  created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX mr_recent  ON medical_records (created_at DESC, id DESC)             WHERE deleted_at IS NULL;
CREATE INDEX au_entity  ON audit_logs (entity_id, at);
CREATE INDEX au_actor   ON audit_logs (actor_id, at);
