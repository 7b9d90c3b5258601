#include "store/sqlite_token.h"

#include "store/sqlite_group.h"
#include "store/sqlite_key.h"
#include "store/sqlite_read.h"
#include "store/sqlite_resource.h"
#include "store/store_token_verb.h"

#include <string.h>

enum statement {
    FIND,
    CREATE,
    REVOKE,
    PURGE,
    END_PAIR,
    END_ROTATED,
    END_ALL,
    END_OF_APP,
    END_OLDEST,
    STATEMENTS
};

enum { PURGED_AT_ONCE = 8 }; /* more than a pair, so that those that expired get fewer */

static const char *const texts[STATEMENTS] = {
    [FIND] =
        "SELECT token.hash, token.kind, user.apikey, coalesce(app.id, ''), user.region, "
        "token.issued_ms, token.expires_ms, token.revoked_ms, token.pair "
        "FROM token JOIN user ON user.number = token.user "
        "LEFT JOIN app ON app.number = token.app WHERE token.hash = ?1",
    [CREATE] =
        "INSERT INTO token (hash, kind, user, app, issued_ms, expires_ms, revoked_ms, pair) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [REVOKE] = "UPDATE token SET revoked_ms = ?2 WHERE hash = ?1",
    [PURGE] =
        "DELETE FROM token WHERE hash IN "
        "(SELECT hash FROM token WHERE expires_ms < ?1 ORDER BY expires_ms LIMIT ?2)",
    [END_PAIR] =
        "DELETE FROM token WHERE hash = ?1 OR (user, pair) IN "
        "(SELECT user, pair FROM token WHERE hash = ?1 AND pair <> 0) "
        "RETURNING hash, (SELECT apikey FROM user WHERE number = token.user)",
    [END_ROTATED] =
        "DELETE FROM token WHERE user = (SELECT number FROM user WHERE apikey = ?2) AND "
        "(hash = ?1 OR pair = (SELECT pair FROM token WHERE hash = ?1 AND pair <> 0)) AND EXISTS "
        "(SELECT 1 FROM token WHERE hash = ?1 AND kind = 2 AND revoked_ms = 0) RETURNING hash, ?2",
    [END_ALL] =
        "DELETE FROM token WHERE user = (SELECT number FROM user WHERE apikey = ?2) "
        "RETURNING hash, ?2",
    [END_OF_APP] =
        "DELETE FROM token WHERE user = (SELECT number FROM user WHERE apikey = ?2) AND "
        "app IS (SELECT number FROM app WHERE id = ?1) RETURNING hash, ?2",
    [END_OLDEST] =
        "DELETE FROM token WHERE user = (SELECT number FROM user WHERE apikey = ?2) AND pair IN "
        "(SELECT pair FROM token WHERE user = (SELECT number FROM user WHERE apikey = ?2) AND "
        "kind = 2 AND pair <> 0 ORDER BY issued_ms DESC, pair LIMIT -1 OFFSET ?1) "
        "RETURNING hash, ?2",
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
    out->pair = sqlite3_column_int64(stmt, 8);
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

static enum err insert(struct sqlite_conn *conn, const struct token_record *token)
{
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
    sqlite_conn_bind_int(stmt, 8, token->pair);
    return sqlite_conn_run(conn, stmt);
}

static enum err create(struct sqlite_conn *conn, struct store_request *request)
{
    return insert(conn, request->args);
}

static enum err revoke(struct sqlite_conn *conn, struct store_request *request)
{
    const struct token_record *token = request->args;
    sqlite3_stmt *stmt = use(conn, REVOKE);

    sqlite_conn_bind_blob(stmt, 1, token->hash, sizeof token->hash);
    sqlite_conn_bind_int(stmt, 2, token->revoked_ms);
    return sqlite_conn_change(conn, stmt);
}

/* Runs a statement that ends tokens, and adds each to the answer. */
static enum err end_each(struct sqlite_conn *conn, sqlite3_stmt *stmt,
                         struct store_request *request)
{
    enum err err;

    while ((err = sqlite_conn_step(conn, stmt)) == ERR_NONE) {
        struct token_record *ended = store_request_add(request);
        bool is_read = sqlite3_column_bytes(stmt, 0) == sizeof ended->hash &&
                       sqlite_conn_text(stmt, 1, ended->apikey, sizeof ended->apikey);

        if (!is_read) {
            sqlite3_reset(stmt);
            return ERR_IO;
        }
        memcpy(ended->hash, sqlite3_column_blob(stmt, 0), sizeof ended->hash);
    }
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err end(struct sqlite_conn *conn, struct store_request *request)
{
    const struct token_record *token = request->args;
    sqlite3_stmt *stmt = use(conn, END_PAIR);

    sqlite_conn_bind_blob(stmt, 1, token->hash, sizeof token->hash);
    return end_each(conn, stmt, request);
}

enum err sqlite_token_end_all(struct sqlite_conn *conn, struct store_request *request,
                              const char *apikey)
{
    sqlite3_stmt *stmt = use(conn, END_ALL);

    sqlite_conn_bind_text(stmt, 2, apikey);
    return end_each(conn, stmt, request);
}

static enum err end_all(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_token_end_all(conn, request,
                                ((const struct token_record *)request->args)->apikey);
}

static enum err purge(struct sqlite_conn *conn, int64_t before_ms)
{
    sqlite3_stmt *stmt = use(conn, PURGE);

    sqlite_conn_bind_int(stmt, 1, before_ms);
    sqlite_conn_bind_int(stmt, 2, PURGED_AT_ONCE);
    return sqlite_conn_run(conn, stmt);
}

static enum err end_rotated(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_token_grant *grant = request->args;
    sqlite3_stmt *stmt = use(conn, END_ROTATED);
    enum err err;

    sqlite_conn_bind_blob(stmt, 1, grant->old_hash, sizeof grant->old_hash);
    sqlite_conn_bind_text(stmt, 2, grant->access.apikey);
    err = end_each(conn, stmt, request);
    return err == ERR_NONE && request->rows.count == 0 ? ERR_DENIED : err;
}

static enum err end_by_policy(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_token_grant *grant = request->args;
    const char *apikey = grant->access.apikey;
    sqlite3_stmt *stmt;

    switch (grant->policy) {
    case TOKENS_PER_ACCOUNT:
        return sqlite_token_end_all(conn, request, apikey);
    case TOKENS_PER_APP:
        stmt = use(conn, END_OF_APP);
        sqlite_conn_bind_text(stmt, 1, grant->access.appid);
        break;
    case TOKENS_MANY:
    default:
        stmt = use(conn, END_OLDEST);
        sqlite_conn_bind_int(stmt, 1, (int64_t)grant->max_pairs - 1);
        break;
    }
    sqlite_conn_bind_text(stmt, 2, apikey);
    return end_each(conn, stmt, request);
}

static enum err exchange(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_token_grant *grant = request->args;
    enum err err = grant->is_rotation ? end_rotated(conn, request) : ERR_NONE;

    if (err == ERR_NONE)
        err = end_by_policy(conn, request);
    if (err == ERR_NONE)
        err = purge(conn, grant->purge_before_ms);
    if (err == ERR_NONE)
        err = insert(conn, &grant->access);
    return err ? err : insert(conn, &grant->refresh);
}

static enum err grant(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_group_whole(conn, exchange, request);
}

static const sqlite_verb_fn verbs[STORE_TOKEN_VERBS] = {
    [STORE_TOKEN_FIND] = find,   [STORE_TOKEN_CREATE] = create, [STORE_TOKEN_REVOKE] = revoke,
    [STORE_TOKEN_GRANT] = grant, [STORE_TOKEN_END] = end,       [STORE_TOKEN_END_ALL] = end_all,
};

const struct sqlite_resource sqlite_token = {verbs};
