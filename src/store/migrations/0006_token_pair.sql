-- An access and a refresh token that were issued together have the same pair; 0: issued alone. The
-- indexes are for ending all of an account's tokens, and for forgetting what has long expired.

ALTER TABLE token ADD COLUMN pair INTEGER NOT NULL DEFAULT 0;

CREATE INDEX token_user ON token (user);
CREATE INDEX token_expires ON token (expires_ms);
