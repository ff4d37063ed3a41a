-- 0002_break_glass: openings of charts outside care, with their reasons and reviews.
CREATE TABLE break_glass (
	tenant_id @blob NOT NULL,
	id @blob NOT NULL PRIMARY KEY,
	patient_id @blob NOT NULL,
	user_id @blob NOT NULL,
	reason_sealed @blob NOT NULL,
	at BIGINT NOT NULL,
	until BIGINT NOT NULL,
	reviewed_at BIGINT,
	reviewed_by @blob,
	verdict TEXT,
	note_sealed @blob
);
CREATE INDEX break_glass_newest ON break_glass(tenant_id, id DESC);
