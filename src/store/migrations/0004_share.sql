-- Devices shared with other accounts, by their owners. A share lives as long as the device is its
-- owner's, and both accounts and the device exist.

CREATE TABLE share (
    device INTEGER NOT NULL REFERENCES device (number) ON DELETE CASCADE,
    sharee INTEGER NOT NULL REFERENCES user (number) ON DELETE CASCADE,
    permit INTEGER NOT NULL,
    name TEXT NOT NULL,
    note TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (device, sharee)
) STRICT, WITHOUT ROWID;

CREATE INDEX share_sharee ON share (sharee);

CREATE TRIGGER share_ends_with_ownership AFTER UPDATE OF owner ON device
WHEN old.owner IS NOT new.owner
BEGIN
    DELETE FROM share WHERE device = new.number;
END;
