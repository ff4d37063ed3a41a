-- expect: change without the word write
-- :stmt a change
SELECT 1;
