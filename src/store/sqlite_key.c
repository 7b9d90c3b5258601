#include "store/sqlite_key.h"

enum statement { APP, USER, DEVICE, STATEMENTS };

static const char *const texts[STATEMENTS] = {
    [APP] = "SELECT number FROM app WHERE id = ?1",
    [USER] = "SELECT number FROM user WHERE apikey = ?1",
    [DEVICE] = "SELECT number FROM device WHERE id = ?1",
};

static enum err find(struct sqlite_conn *conn, enum statement number, const char *key, int64_t *out)
{
    sqlite3_stmt *stmt = sqlite_conn_use(conn, SQLITE_KEY, number, texts[number]);
    enum err err;

    sqlite_conn_bind_text(stmt, 1, key);
    if ((err = sqlite_conn_step(conn, stmt)))
        return err;
    *out = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    return ERR_NONE;
}

static enum err bind(struct sqlite_conn *conn, enum statement find_by, const char *key,
                     sqlite3_stmt *stmt, int at)
{
    int64_t number;
    enum err err;

    if (key[0] == '\0') {
        sqlite_conn_bind_null(stmt, at);
        return ERR_NONE;
    }
    if ((err = find(conn, find_by, key, &number)))
        return err;
    sqlite_conn_bind_int(stmt, at, number);
    return ERR_NONE;
}

enum err sqlite_key_bind_app(struct sqlite_conn *conn, sqlite3_stmt *stmt, int at, const char *id)
{
    return bind(conn, APP, id, stmt, at);
}

enum err sqlite_key_bind_user(struct sqlite_conn *conn, sqlite3_stmt *stmt, int at,
                              const char *apikey)
{
    return bind(conn, USER, apikey, stmt, at);
}

enum err sqlite_key_bind_device(struct sqlite_conn *conn, sqlite3_stmt *stmt, int at,
                                const char *id)
{
    return bind(conn, DEVICE, id, stmt, at);
}
