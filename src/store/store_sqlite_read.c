#include "store/store_sqlite_read.h"

#include "base/alloc.h"

#include <assert.h>
#include <string.h>

enum statement {
    APP_FIND,
    USER_FIND,
    USER_FIND_ACCOUNT,
    TOKEN_FIND,
    DEVICE_FIND,
    APP_LIST,
    USER_LIST,
    DEVICE_LIST,
    DEVICE_LIST_OWNED,
    STATEMENTS
};

#define APP_COLUMNS "SELECT id, secret, name, quirks, disabled, created_ms FROM app "
#define USER_COLUMNS "SELECT apikey, account, region, password_hash, created_ms FROM user "
#define DEVICE_COLUMNS                                                                             \
    "SELECT device.id, device.key, coalesce(user.apikey, ''), device.name, device.model, "         \
    "device.created_ms, device.online_ms, device.offline_ms, device.params "                       \
    "FROM device LEFT JOIN user ON user.number = device.owner "

static const char *const texts[STATEMENTS] = {
    [APP_FIND] = APP_COLUMNS "WHERE id = ?1",
    [USER_FIND] = USER_COLUMNS "WHERE apikey = ?1",
    [USER_FIND_ACCOUNT] = USER_COLUMNS "WHERE account = ?1",
    [TOKEN_FIND] =
        "SELECT token.hash, token.kind, user.apikey, coalesce(app.id, ''), user.region, "
        "token.issued_ms, token.expires_ms, token.revoked_ms "
        "FROM token JOIN user ON user.number = token.user "
        "LEFT JOIN app ON app.number = token.app WHERE token.hash = ?1",
    [DEVICE_FIND] = DEVICE_COLUMNS "WHERE device.id = ?1",
    [APP_LIST] = APP_COLUMNS "WHERE id > ?1 ORDER BY id",
    [USER_LIST] = USER_COLUMNS "WHERE apikey > ?1 ORDER BY apikey",
    [DEVICE_LIST] = DEVICE_COLUMNS "WHERE device.id > ?1 ORDER BY device.id",
    [DEVICE_LIST_OWNED] = DEVICE_COLUMNS
    "WHERE device.owner = (SELECT number FROM user WHERE apikey = ?2) "
    "AND device.id > ?1 ORDER BY device.id",
};

static_assert(sizeof texts / sizeof *texts <= SQLITE_CONN_STATEMENTS_MAX,
              "a connection has room for all");

enum err store_sqlite_read_prepare(struct sqlite_conn *conn, struct problem *problem)
{
    return sqlite_conn_prepare(conn, texts, STATEMENTS, problem);
}

static bool read_app(sqlite3_stmt *stmt, struct app_record *out)
{
    out->quirks = (unsigned)sqlite3_column_int64(stmt, 3);
    out->disabled = sqlite3_column_int(stmt, 4) != 0;
    out->created_ms = sqlite3_column_int64(stmt, 5);
    return sqlite_conn_text(stmt, 0, out->id, sizeof out->id) &&
           sqlite_conn_text(stmt, 1, out->secret, sizeof out->secret) &&
           sqlite_conn_text(stmt, 2, out->name, sizeof out->name);
}

static bool read_user(sqlite3_stmt *stmt, struct user_record *out)
{
    out->created_ms = sqlite3_column_int64(stmt, 4);
    return sqlite_conn_text(stmt, 0, out->apikey, sizeof out->apikey) &&
           sqlite_conn_text(stmt, 1, out->account, sizeof out->account) &&
           sqlite_conn_text(stmt, 2, out->region, sizeof out->region) &&
           sqlite_conn_text(stmt, 3, out->password_hash, sizeof out->password_hash);
}

/* The hash is what it was found by. */
static bool read_token(sqlite3_stmt *stmt, struct token_record *out)
{
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

static bool read_device(sqlite3_stmt *stmt, struct device_record *out)
{
    out->created_ms = sqlite3_column_int64(stmt, 5);
    out->online_ms = sqlite3_column_int64(stmt, 6);
    out->offline_ms = sqlite3_column_int64(stmt, 7);
    return sqlite_conn_text(stmt, 0, out->id, sizeof out->id) &&
           sqlite_conn_text(stmt, 1, out->key, sizeof out->key) &&
           sqlite_conn_text(stmt, 2, out->owner, sizeof out->owner) &&
           sqlite_conn_text(stmt, 3, out->name, sizeof out->name) &&
           sqlite_conn_text(stmt, 4, out->model, sizeof out->model);
}

/* Owned by the caller; NULL when the row has none that could have been stored. */
static char *read_params(sqlite3_stmt *stmt)
{
    const unsigned char *text = sqlite3_column_text(stmt, 8);
    size_t len = (size_t)sqlite3_column_bytes(stmt, 8);

    if (text == NULL || len > STORE_PARAMS_MAX)
        return NULL;
    return alloc_text((const char *)text, len);
}

/* Ends a statement of which a row was read; a row of ours that can't be read is a damaged file. */
static enum err end(struct sqlite_conn *conn, sqlite3_stmt *stmt, bool is_read)
{
    if (!is_read)
        log_error(conn->log, "store.failed", "error=\"unreadable row\" sql=\"%.40s\"",
                  sqlite3_sql(stmt));
    sqlite3_reset(stmt);
    return is_read ? ERR_NONE : ERR_IO;
}

static enum err find_app(struct sqlite_conn *conn, struct store_request *request)
{
    sqlite3_stmt *stmt = conn->statements[APP_FIND];
    struct app_record found = {0};
    enum err err;

    sqlite_conn_bind_text(stmt, 1, request->app->id);
    if ((err = sqlite_conn_step(conn, stmt)))
        return err;
    err = end(conn, stmt, read_app(stmt, &found));
    *request->app = found;
    return err;
}

static enum err find_user_by(struct sqlite_conn *conn, enum statement statement, const char *key,
                             struct user_record *out)
{
    sqlite3_stmt *stmt = conn->statements[statement];
    struct user_record found = {0};
    enum err err;

    sqlite_conn_bind_text(stmt, 1, key);
    if ((err = sqlite_conn_step(conn, stmt)))
        return err;
    err = end(conn, stmt, read_user(stmt, &found));
    *out = found;
    return err;
}

static enum err find_user(struct sqlite_conn *conn, struct store_request *request)
{
    return find_user_by(conn, USER_FIND, request->user->apikey, request->user);
}

static enum err find_account(struct sqlite_conn *conn, struct store_request *request)
{
    return find_user_by(conn, USER_FIND_ACCOUNT, request->user->account, request->user);
}

static enum err find_token(struct sqlite_conn *conn, struct store_request *request)
{
    sqlite3_stmt *stmt = conn->statements[TOKEN_FIND];
    enum err err;

    sqlite_conn_bind_blob(stmt, 1, request->token->hash, sizeof request->token->hash);
    if ((err = sqlite_conn_step(conn, stmt)))
        return err;
    return end(conn, stmt, read_token(stmt, request->token));
}

static enum err find_device(struct sqlite_conn *conn, struct store_request *request)
{
    sqlite3_stmt *stmt = conn->statements[DEVICE_FIND];
    struct store_device found = {0};
    enum err err;

    sqlite_conn_bind_text(stmt, 1, request->device->record.id);
    if ((err = sqlite_conn_step(conn, stmt)))
        return err;
    found.params = read_params(stmt);
    err = end(conn, stmt, read_device(stmt, &found.record) && found.params != NULL);
    *request->device = found;
    return err;
}

typedef bool (*row_fn)(struct store_request *request, sqlite3_stmt *stmt);

static bool add_app(struct store_request *request, sqlite3_stmt *stmt)
{
    return read_app(stmt, store_request_add_app(request));
}

static bool add_user(struct store_request *request, sqlite3_stmt *stmt)
{
    return read_user(stmt, store_request_add_user(request));
}

static bool add_device(struct store_request *request, sqlite3_stmt *stmt)
{
    char *params = read_params(stmt);

    return read_device(stmt, &store_request_add_device(request, params)->record) && params != NULL;
}

/* Steps until the answer is complete, so that no LIMIT is needed. */
static enum err list(struct sqlite_conn *conn, enum statement statement,
                     struct store_request *request, row_fn add)
{
    sqlite3_stmt *stmt = conn->statements[statement];

    sqlite_conn_bind_text(stmt, 1, request->range->after);
    while (!store_request_is_complete(request)) {
        enum err err = sqlite_conn_step(conn, stmt);

        if (err == ERR_NOT_FOUND)
            return ERR_NONE;
        if (err == ERR_NONE && !add(request, stmt))
            err = end(conn, stmt, false);
        if (err != ERR_NONE)
            return err;
    }
    return end(conn, stmt, true);
}

static enum err list_apps(struct sqlite_conn *conn, struct store_request *request)
{
    return list(conn, APP_LIST, request, add_app);
}

static enum err list_users(struct sqlite_conn *conn, struct store_request *request)
{
    return list(conn, USER_LIST, request, add_user);
}

static enum err list_devices(struct sqlite_conn *conn, struct store_request *request)
{
    if (request->range->owner[0] == '\0')
        return list(conn, DEVICE_LIST, request, add_device);
    sqlite_conn_bind_text(conn->statements[DEVICE_LIST_OWNED], 2, request->range->owner);
    return list(conn, DEVICE_LIST_OWNED, request, add_device);
}

static enum err (*const reads[VERB_COUNT])(struct sqlite_conn *conn,
                                           struct store_request *request) = {
    [VERB_APP_FIND] = find_app,
    [VERB_USER_FIND] = find_user,
    [VERB_USER_FIND_ACCOUNT] = find_account,
    [VERB_TOKEN_FIND] = find_token,
    [VERB_DEVICE_FIND] = find_device,
    [VERB_APP_LIST] = list_apps,
    [VERB_USER_LIST] = list_users,
    [VERB_DEVICE_LIST] = list_devices,
};

enum err store_sqlite_read(struct sqlite_conn *conn, struct store_request *request)
{
    return reads[request->verb](conn, request);
}
