-- The journal: what has changed in devices and is not in their rows yet, a row for each group of
-- changes, in the order of their numbers (store_change.h has the format). The rows go once what they
-- hold has been folded into `device`.

CREATE TABLE device_change (
    number INTEGER PRIMARY KEY,
    changes BLOB NOT NULL
) STRICT;
