-- What has happened to a device of late, oldest first (store_history_pack.h has the format). It is its
-- owner's: another owner does not get it.

CREATE TABLE history (
    device INTEGER PRIMARY KEY REFERENCES device (number) ON DELETE CASCADE,
    entries BLOB NOT NULL
) STRICT;

CREATE TRIGGER history_owner AFTER UPDATE OF owner ON device WHEN OLD.owner IS NOT NEW.owner
BEGIN
    DELETE FROM history WHERE device = NEW.number;
END;
