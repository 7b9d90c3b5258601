#include "store/store_sqlite_write.h"

#include <assert.h>

enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    BATCH_BEGIN,
    BATCH_KEEP,
    BATCH_UNDO,
    APP_NUMBER,
    USER_NUMBER,
    APP_CREATE,
    APP_DISABLE,
    USER_CREATE,
    USER_SET_PASSWORD,
    TOKEN_CREATE,
    TOKEN_REVOKE,
    DEVICE_CREATE,
    DEVICE_ASSIGN,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [BATCH_BEGIN] = "SAVEPOINT batch",
    [BATCH_KEEP] = "RELEASE batch",
    [BATCH_UNDO] = "ROLLBACK TO batch",
    [APP_NUMBER] = "SELECT number FROM app WHERE id = ?1",
    [USER_NUMBER] = "SELECT number FROM user WHERE apikey = ?1",
    [APP_CREATE] =
        "INSERT INTO app (id, secret, name, quirks, disabled, created_ms) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [APP_DISABLE] = "UPDATE app SET disabled = ?2 WHERE id = ?1",
    [USER_CREATE] =
        "INSERT INTO user (apikey, account, region, password_hash, created_ms) "
        "VALUES (?1, ?2, ?3, ?4, ?5)",
    [USER_SET_PASSWORD] = "UPDATE user SET password_hash = ?2 WHERE apikey = ?1",
    [TOKEN_CREATE] =
        "INSERT INTO token (hash, kind, user, app, issued_ms, expires_ms, revoked_ms) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [TOKEN_REVOKE] = "UPDATE token SET revoked_ms = ?2 WHERE hash = ?1",
    [DEVICE_CREATE] =
        "INSERT INTO device (id, key, owner, name, model, created_ms, online_ms, "
        "offline_ms, params) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [DEVICE_ASSIGN] = "UPDATE device SET owner = ?2 WHERE id = ?1",
};

static_assert(sizeof texts / sizeof *texts <= SQLITE_CONN_STATEMENTS_MAX,
              "a connection has room for all");

enum err store_sqlite_write_prepare(struct sqlite_conn *conn, struct problem *problem)
{
    return sqlite_conn_prepare(conn, texts, STATEMENTS, problem);
}

static enum err run(struct sqlite_conn *conn, enum statement statement)
{
    return sqlite_conn_run(conn, conn->statements[statement]);
}

/* Some faults (a full disk, a failed write) make SQLite itself roll the transaction back. */
static bool is_rolled_back(const struct sqlite_conn *conn)
{
    return sqlite3_get_autocommit(conn->db) != 0;
}

static enum err roll_back(struct sqlite_conn *conn)
{
    return is_rolled_back(conn) ? ERR_NONE : run(conn, ROLLBACK);
}

/* There is nothing to roll back, unless the last commit failed and its rollback too. */
enum err store_sqlite_write_begin(struct sqlite_conn *conn)
{
    enum err err = roll_back(conn);

    return err ? err : run(conn, BEGIN);
}

void store_sqlite_write_undo(struct sqlite_conn *conn)
{
    (void)roll_back(conn);
}

enum err store_sqlite_write_commit(struct sqlite_conn *conn)
{
    enum err err = is_rolled_back(conn) ? ERR_IO : run(conn, COMMIT);

    return err != ERR_NONE && roll_back(conn) != ERR_NONE ? ERR_IO : err;
}

static enum err find_number(struct sqlite_conn *conn, enum statement statement, const char *key,
                            int64_t *out)
{
    sqlite3_stmt *stmt = conn->statements[statement];
    enum err err;

    sqlite_conn_bind_text(stmt, 1, key);
    if ((err = sqlite_conn_step(conn, stmt)))
        return err;
    *out = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    return ERR_NONE;
}

/* Binds the number of the row that has the key, or NULL for an empty key. */
static enum err bind_number(struct sqlite_conn *conn, sqlite3_stmt *stmt, int at,
                            enum statement find, const char *key)
{
    int64_t number;
    enum err err;

    if (key[0] == '\0') {
        sqlite_conn_bind_null(stmt, at);
        return ERR_NONE;
    }
    if ((err = find_number(conn, find, key, &number)))
        return err;
    sqlite_conn_bind_int(stmt, at, number);
    return ERR_NONE;
}

static enum err create_app(struct sqlite_conn *conn, const struct store_request *request)
{
    const struct app_record *app = request->app;
    sqlite3_stmt *stmt = conn->statements[APP_CREATE];

    sqlite_conn_bind_text(stmt, 1, app->id);
    sqlite_conn_bind_text(stmt, 2, app->secret);
    sqlite_conn_bind_text(stmt, 3, app->name);
    sqlite_conn_bind_int(stmt, 4, app->quirks);
    sqlite_conn_bind_int(stmt, 5, app->disabled);
    sqlite_conn_bind_int(stmt, 6, app->created_ms);
    return sqlite_conn_run(conn, stmt);
}

static enum err disable_app(struct sqlite_conn *conn, const struct store_request *request)
{
    sqlite3_stmt *stmt = conn->statements[APP_DISABLE];

    sqlite_conn_bind_text(stmt, 1, request->app->id);
    sqlite_conn_bind_int(stmt, 2, request->app->disabled);
    return sqlite_conn_change(conn, stmt);
}

static enum err create_user(struct sqlite_conn *conn, const struct store_request *request)
{
    const struct user_record *user = request->user;
    sqlite3_stmt *stmt = conn->statements[USER_CREATE];

    sqlite_conn_bind_text(stmt, 1, user->apikey);
    sqlite_conn_bind_text(stmt, 2, user->account);
    sqlite_conn_bind_text(stmt, 3, user->region);
    sqlite_conn_bind_text(stmt, 4, user->password_hash);
    sqlite_conn_bind_int(stmt, 5, user->created_ms);
    return sqlite_conn_run(conn, stmt);
}

static enum err set_password(struct sqlite_conn *conn, const struct store_request *request)
{
    sqlite3_stmt *stmt = conn->statements[USER_SET_PASSWORD];

    sqlite_conn_bind_text(stmt, 1, request->user->apikey);
    sqlite_conn_bind_text(stmt, 2, request->user->password_hash);
    return sqlite_conn_change(conn, stmt);
}

static enum err create_token(struct sqlite_conn *conn, const struct store_request *request)
{
    const struct token_record *token = request->token;
    sqlite3_stmt *stmt = conn->statements[TOKEN_CREATE];
    enum err err;

    if ((err = bind_number(conn, stmt, 3, USER_NUMBER, token->apikey)))
        return err;
    if ((err = bind_number(conn, stmt, 4, APP_NUMBER, token->appid)))
        return err;
    sqlite_conn_bind_blob(stmt, 1, token->hash, sizeof token->hash);
    sqlite_conn_bind_int(stmt, 2, token->kind);
    sqlite_conn_bind_int(stmt, 5, token->issued_ms);
    sqlite_conn_bind_int(stmt, 6, token->expires_ms);
    sqlite_conn_bind_int(stmt, 7, token->revoked_ms);
    return sqlite_conn_run(conn, stmt);
}

static enum err revoke_token(struct sqlite_conn *conn, const struct store_request *request)
{
    const struct token_record *token = request->token;
    sqlite3_stmt *stmt = conn->statements[TOKEN_REVOKE];

    sqlite_conn_bind_blob(stmt, 1, token->hash, sizeof token->hash);
    sqlite_conn_bind_int(stmt, 2, token->revoked_ms);
    return sqlite_conn_change(conn, stmt);
}

static enum err create_device(struct sqlite_conn *conn, const struct store_device *device)
{
    const struct device_record *record = &device->record;
    sqlite3_stmt *stmt = conn->statements[DEVICE_CREATE];
    enum err err;

    if ((err = bind_number(conn, stmt, 3, USER_NUMBER, record->owner)))
        return err;
    sqlite_conn_bind_text(stmt, 1, record->id);
    sqlite_conn_bind_text(stmt, 2, record->key);
    sqlite_conn_bind_text(stmt, 4, record->name);
    sqlite_conn_bind_text(stmt, 5, record->model);
    sqlite_conn_bind_int(stmt, 6, record->created_ms);
    sqlite_conn_bind_int(stmt, 7, record->online_ms);
    sqlite_conn_bind_int(stmt, 8, record->offline_ms);
    sqlite_conn_bind_text(stmt, 9, device->params);
    return sqlite_conn_run(conn, stmt);
}

static enum err create_each(struct sqlite_conn *conn, const struct store_rows *rows)
{
    const struct store_device *devices = rows->items;
    enum err err = ERR_NONE;

    for (size_t i = 0; i < rows->count && err == ERR_NONE; i++)
        err = create_device(conn, &devices[i]);
    return err;
}

/* One row is all or none by itself; only more than one needs the savepoint. */
static enum err create_devices(struct sqlite_conn *conn, const struct store_request *request)
{
    enum err err;
    enum err undone = ERR_NONE;

    if (request->rows.count < 2)
        return create_each(conn, &request->rows);
    if ((err = run(conn, BATCH_BEGIN)))
        return err;
    err = create_each(conn, &request->rows);
    if (err != ERR_NONE && is_rolled_back(conn))
        return err;
    if (err != ERR_NONE)
        undone = run(conn, BATCH_UNDO);
    if (undone == ERR_NONE)
        undone = run(conn, BATCH_KEEP);
    return err ? err : undone;
}

static enum err assign_device(struct sqlite_conn *conn, const struct store_request *request)
{
    const struct device_record *record = &request->device->record;
    sqlite3_stmt *stmt = conn->statements[DEVICE_ASSIGN];
    enum err err;

    if ((err = bind_number(conn, stmt, 2, USER_NUMBER, record->owner)))
        return err;
    sqlite_conn_bind_text(stmt, 1, record->id);
    return sqlite_conn_change(conn, stmt);
}

static enum err (*const changes[VERB_COUNT])(struct sqlite_conn *conn,
                                             const struct store_request *request) = {
    [VERB_APP_CREATE] = create_app,        [VERB_APP_DISABLE] = disable_app,
    [VERB_USER_CREATE] = create_user,      [VERB_USER_SET_PASSWORD] = set_password,
    [VERB_TOKEN_CREATE] = create_token,    [VERB_TOKEN_REVOKE] = revoke_token,
    [VERB_DEVICE_CREATE] = create_devices, [VERB_DEVICE_ASSIGN] = assign_device,
};

/* Outside of its transaction a change would be committed alone, before the group's answer. */
enum err store_sqlite_write_change(struct sqlite_conn *conn, const struct store_request *request)
{
    return is_rolled_back(conn) ? ERR_IO : changes[request->verb](conn, request);
}
