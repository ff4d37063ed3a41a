-- expect: unknown word tennant
-- :stmt a one t tennant
SELECT x FROM t;
