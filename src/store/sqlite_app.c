#include "store/sqlite_read.h"
#include "store/sqlite_resource.h"
#include "store/store_app_verb.h"

enum statement { FIND, LIST, CREATE, DISABLE, STATEMENTS };

#define COLUMNS "SELECT id, secret, name, quirks, disabled, created_ms FROM app "

static const char *const texts[STATEMENTS] = {
    [FIND] = COLUMNS "WHERE id = ?1",
    [LIST] = COLUMNS "WHERE id > ?1 ORDER BY id",
    [CREATE] = ("INSERT INTO app (id, secret, name, quirks, disabled, created_ms) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
    [DISABLE] = "UPDATE app SET disabled = ?2 WHERE id = ?1",
};

static sqlite3_stmt *use(struct sqlite_conn *conn, enum statement number)
{
    return sqlite_conn_use(conn, STORE_APP, number, texts[number]);
}

static bool read_app(sqlite3_stmt *stmt, void *record)
{
    struct app_record *out = record;

    out->quirks = (unsigned)sqlite3_column_int64(stmt, 3);
    out->disabled = sqlite3_column_int(stmt, 4) != 0;
    out->created_ms = sqlite3_column_int64(stmt, 5);
    return sqlite_conn_text(stmt, 0, out->id, sizeof out->id) &&
           sqlite_conn_text(stmt, 1, out->secret, sizeof out->secret) &&
           sqlite_conn_text(stmt, 2, out->name, sizeof out->name);
}

static enum err find(struct sqlite_conn *conn, struct store_request *request)
{
    sqlite3_stmt *stmt = use(conn, FIND);
    struct app_record *app = request->args;

    sqlite_conn_bind_text(stmt, 1, app->id);
    return sqlite_read_one(conn, stmt, read_app, app);
}

static enum err list(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_read_list(conn, use(conn, LIST), read_app, request);
}

static enum err create(struct sqlite_conn *conn, struct store_request *request)
{
    const struct app_record *app = request->args;
    sqlite3_stmt *stmt = use(conn, CREATE);

    sqlite_conn_bind_text(stmt, 1, app->id);
    sqlite_conn_bind_text(stmt, 2, app->secret);
    sqlite_conn_bind_text(stmt, 3, app->name);
    sqlite_conn_bind_int(stmt, 4, app->quirks);
    sqlite_conn_bind_int(stmt, 5, app->disabled);
    sqlite_conn_bind_int(stmt, 6, app->created_ms);
    return sqlite_conn_run(conn, stmt);
}

static enum err disable(struct sqlite_conn *conn, struct store_request *request)
{
    const struct app_record *app = request->args;
    sqlite3_stmt *stmt = use(conn, DISABLE);

    sqlite_conn_bind_text(stmt, 1, app->id);
    sqlite_conn_bind_int(stmt, 2, app->disabled);
    return sqlite_conn_change(conn, stmt);
}

static const sqlite_verb_fn verbs[STORE_APP_VERBS] = {
    [STORE_APP_FIND] = find,
    [STORE_APP_LIST] = list,
    [STORE_APP_CREATE] = create,
    [STORE_APP_DISABLE] = disable,
};

const struct sqlite_resource sqlite_app = {verbs};
