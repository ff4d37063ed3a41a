-- 0014_words_in_the_index: on PostgreSQL a search read a page for each record in the reader's
-- care, because the rows lie as they were written. The key's index has the order of charts;
-- with the words in it a search needs nothing else. An entry of an index holds 2 704 bytes at
-- most, so that the words of a long record (more than 400) stay in the row alone.
-- :postgres
ALTER TABLE record_words ADD COLUMN short BYTEA
	GENERATED ALWAYS AS (CASE WHEN octet_length(words) <= 2400 THEN words END) STORED;
ALTER TABLE record_words DROP CONSTRAINT record_words_pkey;
ALTER TABLE record_words ADD PRIMARY KEY (tenant_id, patient_id, record_id) INCLUDE (deleted, short);
-- Read from the index alone is what a vacuum has seen: early enough, for a chart grows by its newest.
ALTER TABLE record_words SET (autovacuum_vacuum_insert_scale_factor = 0.02);
-- :both
