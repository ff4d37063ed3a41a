-- expect: belongs to one tenant
-- :stmt a many t
SELECT x FROM session s JOIN care c ON c.user_id = s.user_id;
