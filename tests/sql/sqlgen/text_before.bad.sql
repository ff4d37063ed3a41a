-- expect: before the first :stmt
SELECT 1;
