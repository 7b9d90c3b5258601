-- Groups of an account's devices, in places from 1 on. A device leaves them with its owner.

CREATE TABLE grouping (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner INTEGER NOT NULL REFERENCES user (number) ON DELETE CASCADE,
    name TEXT NOT NULL,
    place INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX grouping_owner ON grouping (owner, place);

CREATE TABLE grouping_member (
    device INTEGER NOT NULL REFERENCES device (number) ON DELETE CASCADE,
    grouping INTEGER NOT NULL REFERENCES grouping (number) ON DELETE CASCADE,
    PRIMARY KEY (device, grouping)
) STRICT, WITHOUT ROWID;

CREATE INDEX grouping_member_of ON grouping_member (grouping);

CREATE TRIGGER grouping_ends_with_ownership AFTER UPDATE OF owner ON device
WHEN new.owner IS NOT old.owner
BEGIN
    DELETE FROM grouping_member WHERE device = new.number;
END;
