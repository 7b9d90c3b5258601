-- Webhooks, and what each of them has yet to be told: its queue. Events are numbered for each webhook
-- from 1, without gaps, so that the first one that waits and `next_number` say how many wait.

CREATE TABLE webhook (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user INTEGER REFERENCES user (number),
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    kinds INTEGER NOT NULL,
    next_number INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE webhook_event (
    webhook INTEGER NOT NULL REFERENCES webhook (number),
    number INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (webhook, number)
) STRICT, WITHOUT ROWID;
