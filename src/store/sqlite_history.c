#include "store/sqlite_read.h"
#include "store/sqlite_resource.h"
#include "store/store_history_verb.h"

enum statement { FIND, PUT, CLEAR, STATEMENTS };

static const char *const texts[STATEMENTS] = {
    [FIND] = ("SELECT device.number, coalesce(history.entries, x'') FROM device "
              "LEFT JOIN history ON history.device = device.number WHERE device.id = ?1 "
              "AND (?2 = '' OR device.owner = (SELECT number FROM user WHERE apikey = ?2))"),
    [PUT] = ("INSERT INTO history (device, entries) VALUES (?1, ?2) "
             "ON CONFLICT (device) DO UPDATE SET entries = ?2"),
    [CLEAR] = "DELETE FROM history WHERE device = ?1",
};

static sqlite3_stmt *use(struct sqlite_conn *conn, enum statement number)
{
    return sqlite_conn_use(conn, STORE_HISTORY, number, texts[number]);
}

static struct str entries_of(sqlite3_stmt *stmt)
{
    const void *bytes = sqlite3_column_blob(stmt, 1);

    return (struct str){bytes, (size_t)sqlite3_column_bytes(stmt, 1)};
}

/* Steps to the device's row; its statement is to be reset when ERR_NONE. */
static enum err step_to(struct sqlite_conn *conn, sqlite3_stmt *stmt,
                        const struct store_history *history)
{
    sqlite_conn_bind_text(stmt, 1, history->id);
    sqlite_conn_bind_text(stmt, 2, history->owner);
    return sqlite_conn_step(conn, stmt);
}

static enum err find(struct sqlite_conn *conn, struct store_request *request)
{
    struct store_history *history = request->args;
    sqlite3_stmt *stmt = use(conn, FIND);
    enum err err = step_to(conn, stmt, history);

    if (err)
        return err;
    buf_append(&history->entries, entries_of(stmt));
    sqlite3_reset(stmt);
    return ERR_NONE;
}

static enum err put(struct sqlite_conn *conn, int64_t device, struct str entries)
{
    sqlite3_stmt *stmt = use(conn, PUT);

    sqlite_conn_bind_int(stmt, 1, device);
    sqlite_conn_bind_blob(stmt, 2, entries.ptr, entries.len);
    return sqlite_conn_run(conn, stmt);
}

/* Behind what is there; nothing for a device that is gone or another's by now. */
static enum err append_one(struct sqlite_conn *conn, const struct store_history *part, size_t keep)
{
    struct buf all = BUF_EMPTY;
    sqlite3_stmt *stmt = use(conn, FIND);
    int64_t device;
    enum err err = step_to(conn, stmt, part);

    if (err)
        return err == ERR_NOT_FOUND ? ERR_NONE : err;
    device = sqlite3_column_int64(stmt, 0);
    buf_append(&all, entries_of(stmt));
    sqlite3_reset(stmt);
    buf_append(&all, buf_str(&part->entries));
    err = put(conn, device, store_history_newest(buf_str(&all), keep));
    buf_free(&all);
    return err;
}

static enum err append(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_history_append_args *args = request->args;
    const struct store_history *parts = request->rows.items;
    enum err err = ERR_NONE;

    for (size_t i = 0; i < request->rows.count && err == ERR_NONE; i++)
        err = append_one(conn, &parts[i], args->keep);
    return err;
}

static enum err clear(struct sqlite_conn *conn, struct store_request *request)
{
    sqlite3_stmt *stmt = use(conn, FIND);
    int64_t device;
    enum err err = step_to(conn, stmt, request->args);

    if (err)
        return err;
    device = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt);
    stmt = use(conn, CLEAR);
    sqlite_conn_bind_int(stmt, 1, device);
    return sqlite_conn_run(conn, stmt);
}

static const sqlite_verb_fn verbs[STORE_HISTORY_VERBS] = {
    [STORE_HISTORY_APPEND] = append,
    [STORE_HISTORY_FIND] = find,
    [STORE_HISTORY_CLEAR] = clear,
};

const struct sqlite_resource sqlite_history = {verbs};
