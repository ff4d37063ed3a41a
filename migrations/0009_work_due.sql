-- 0009_work_due: what SQL alone cannot do to an older database, because it needs the keys:
-- the program does it at its next start and takes the row away in the same transaction as
-- the last of it. patient.shown: index the part of a name that the front desk sees.
CREATE TABLE work_due (
	name TEXT NOT NULL PRIMARY KEY
);
INSERT INTO work_due(name) VALUES ('patient.shown');
