-- 0015_words_bloom: a search looked for its words in those of every record in the reader's care.
-- A Bloom filter of 128 bits beside them, one bit a word (its token's first byte modulo 128), says of most
-- that they cannot be there. On PostgreSQL it takes the words' place in the key's index, which
-- becomes a quarter as large. A row that says -1 holds anything: on SQLite those of before stay so.
-- :sqlite
ALTER TABLE record_words ADD COLUMN bloom_low BIGINT NOT NULL DEFAULT -1;
ALTER TABLE record_words ADD COLUMN bloom_high BIGINT NOT NULL DEFAULT -1;
-- :postgres
ALTER TABLE record_words NO FORCE ROW LEVEL SECURITY;
ALTER TABLE record_words DROP CONSTRAINT record_words_pkey;
ALTER TABLE record_words DROP COLUMN short, ADD COLUMN bloom_low BIGINT NOT NULL DEFAULT -1,
	ADD COLUMN bloom_high BIGINT NOT NULL DEFAULT -1;
UPDATE record_words w SET (bloom_low, bloom_high) =
	(SELECT COALESCE(bit_or(CASE WHEN bit < 64 THEN 1::BIGINT << bit ELSE 0 END), 0),
	        COALESCE(bit_or(CASE WHEN bit < 64 THEN 0 ELSE 1::BIGINT << (bit - 64) END), 0)
	   FROM (SELECT get_byte(w.words, at) % 128 AS bit FROM generate_series(0, octet_length(w.words) - 6, 6) at) bits);
ALTER TABLE record_words ADD PRIMARY KEY (tenant_id, patient_id, record_id) INCLUDE (deleted, bloom_low, bloom_high);
ALTER TABLE record_words FORCE ROW LEVEL SECURITY;
-- :both
