-- system.sql - the health probe and the daily clean-up.

-- :stmt health_probe none write
INSERT INTO health_probe(id, at) VALUES (1, :now) ON CONFLICT (id) DO UPDATE SET at = excluded.at;
