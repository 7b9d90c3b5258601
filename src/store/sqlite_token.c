#include "store/sqlite_key.h"
#include "store/sqlite_read.h"
#include "store/sqlite_resource.h"
#include "store/store_token_verb.h"

enum statement { FIND, CREATE, REVOKE, STATEMENTS };

static const char *const texts[STATEMENTS] = {
    [FIND] =
        "SELECT token.hash, token.kind, user.apikey, coalesce(app.id, ''), user.region, "
        "token.issued_ms, token.expires_ms, token.revoked_ms "
        "FROM token JOIN user ON user.number = token.user "
        "LEFT JOIN app ON app.number = token.app WHERE token.hash = ?1",
    [CREATE] =
        "INSERT INTO token (hash, kind, user, app, issued_ms, expires_ms, revoked_ms) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [REVOKE] = "UPDATE token SET revoked_ms = ?2 WHERE hash = ?1",
};

static sqlite3_stmt *use(struct sqlite_conn *conn, enum statement number)
{
    return sqlite_conn_use(conn, STORE_TOKEN, number, texts[number]);
}

/* The hash is what it was found by. */
static bool read_token(sqlite3_stmt *stmt, void *record)
{
    struct token_record *out = record;
    int kind = sqlite3_column_int(stmt, 1);

    out->kind = (enum token_kind)kind;
    out->issued_ms = sqlite3_column_int64(stmt, 5);
    out->expires_ms = sqlite3_column_int64(stmt, 6);
    out->revoked_ms = sqlite3_column_int64(stmt, 7);
    return (kind == TOKEN_ACCESS || kind == TOKEN_REFRESH) &&
           sqlite_conn_text(stmt, 2, out->apikey, sizeof out->apikey) &&
           sqlite_conn_text(stmt, 3, out->appid, sizeof out->appid) &&
           sqlite_conn_text(stmt, 4, out->region, sizeof out->region);
}

static enum err find(struct sqlite_conn *conn, struct store_request *request)
{
    sqlite3_stmt *stmt = use(conn, FIND);
    struct token_record *token = request->args;

    sqlite_conn_bind_blob(stmt, 1, token->hash, sizeof token->hash);
    return sqlite_read_one(conn, stmt, read_token, token);
}

static enum err create(struct sqlite_conn *conn, struct store_request *request)
{
    const struct token_record *token = request->args;
    sqlite3_stmt *stmt = use(conn, CREATE);
    enum err err;

    if ((err = sqlite_key_bind_user(conn, stmt, 3, token->apikey)))
        return err;
    if ((err = sqlite_key_bind_app(conn, stmt, 4, token->appid)))
        return err;
    sqlite_conn_bind_blob(stmt, 1, token->hash, sizeof token->hash);
    sqlite_conn_bind_int(stmt, 2, token->kind);
    sqlite_conn_bind_int(stmt, 5, token->issued_ms);
    sqlite_conn_bind_int(stmt, 6, token->expires_ms);
    sqlite_conn_bind_int(stmt, 7, token->revoked_ms);
    return sqlite_conn_run(conn, stmt);
}

static enum err revoke(struct sqlite_conn *conn, struct store_request *request)
{
    const struct token_record *token = request->args;
    sqlite3_stmt *stmt = use(conn, REVOKE);

    sqlite_conn_bind_blob(stmt, 1, token->hash, sizeof token->hash);
    sqlite_conn_bind_int(stmt, 2, token->revoked_ms);
    return sqlite_conn_change(conn, stmt);
}

static const sqlite_verb_fn verbs[STORE_TOKEN_VERBS] = {
    [STORE_TOKEN_FIND] = find,
    [STORE_TOKEN_CREATE] = create,
    [STORE_TOKEN_REVOKE] = revoke,
};

const struct sqlite_resource sqlite_token = {verbs};
