-- What is told of a device beside its state: by its maker (uiid to gsm_id), and by its owner
-- (settings, tags). Most devices have no row here.

CREATE TABLE holding (
    device INTEGER PRIMARY KEY REFERENCES device (number) ON DELETE CASCADE,
    uiid INTEGER NOT NULL DEFAULT 0,
    brand TEXT NOT NULL DEFAULT '',
    product TEXT NOT NULL DEFAULT '',
    maker TEXT NOT NULL DEFAULT '',
    mac TEXT NOT NULL DEFAULT '',
    apmac TEXT NOT NULL DEFAULT '',
    chipid TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    gsm_id TEXT UNIQUE,
    settings TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT ''
) STRICT;
