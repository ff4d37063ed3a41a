-- expect: UPDATE without the word write
-- :stmt a none
UPDATE t SET x = 1;
