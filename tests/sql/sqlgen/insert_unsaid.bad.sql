-- expect: INSERT without the word write
-- :stmt a one t
INSERT INTO t (x) VALUES (1) RETURNING x;
