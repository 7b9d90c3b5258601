-- Redirect URLs of apps, and codes that are exchanged for tokens: one at a time for an account and an
-- app.

CREATE TABLE oauth_redirect (
    app INTEGER NOT NULL REFERENCES app (number),
    url TEXT NOT NULL,
    PRIMARY KEY (app, url)
) STRICT, WITHOUT ROWID;

CREATE TABLE oauth_code (
    hash BLOB PRIMARY KEY NOT NULL,
    user INTEGER NOT NULL REFERENCES user (number),
    app INTEGER NOT NULL REFERENCES app (number),
    url TEXT NOT NULL,
    expires_ms INTEGER NOT NULL,
    UNIQUE (user, app)
) STRICT, WITHOUT ROWID;

CREATE INDEX oauth_code_expires ON oauth_code (expires_ms);
