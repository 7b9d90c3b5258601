-- Verification codes that have been sent and not been used yet: one for each account and purpose, the
-- newest. The account may be nobody's.

CREATE TABLE code (
    account TEXT NOT NULL,
    purpose INTEGER NOT NULL,
    hash BLOB NOT NULL,
    expires_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    PRIMARY KEY (account, purpose)
) STRICT, WITHOUT ROWID;

CREATE INDEX code_expires ON code (expires_ms);
