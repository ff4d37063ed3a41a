-- expect: together is for one row that is read by something
-- :include http/session.h
-- :stmt all_of_it one session_identity together
SELECT id FROM session
