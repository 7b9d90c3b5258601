-- Apps, users, tokens and devices. Rows refer to each other by number, not by key: a device row
-- with a short owner number and no second copy of the account's apikey stays small.

CREATE TABLE app (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    name TEXT NOT NULL,
    quirks INTEGER NOT NULL,
    disabled INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE user (
    number INTEGER PRIMARY KEY,
    apikey TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL UNIQUE,
    region TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE token (
    hash BLOB PRIMARY KEY NOT NULL,
    kind INTEGER NOT NULL,
    user INTEGER NOT NULL REFERENCES user (number),
    app INTEGER REFERENCES app (number),
    issued_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    revoked_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Not WITHOUT ROWID: params may be large, and would make the tree of the keys large with them.
CREATE TABLE device (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL,
    owner INTEGER REFERENCES user (number),
    name TEXT NOT NULL,
    model TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    online_ms INTEGER NOT NULL,
    offline_ms INTEGER NOT NULL,
    params TEXT NOT NULL
) STRICT;

CREATE INDEX device_owner ON device (owner, id) WHERE owner IS NOT NULL;
