-- A device can be disabled, and deleted. The number of a deleted one is not given to another: the
-- journal may still have changes of it.

ALTER TABLE device ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;

CREATE TABLE device_gone (
    number INTEGER PRIMARY KEY
) STRICT;

CREATE TRIGGER device_number_is_spent AFTER DELETE ON device
BEGIN
    DELETE FROM device_gone WHERE number < old.number;
    INSERT INTO device_gone (number)
    SELECT old.number WHERE NOT EXISTS (SELECT 1 FROM device_gone);
END;
