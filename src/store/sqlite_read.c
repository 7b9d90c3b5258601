#include "store/sqlite_read.h"

bool sqlite_read_count(sqlite3_stmt *stmt, void *record)
{
    *(int64_t *)record = sqlite3_column_int64(stmt, 0);
    return true;
}

/* A row of ours that can't be read is a damaged file. */
static enum err end(struct sqlite_conn *conn, sqlite3_stmt *stmt, bool is_read)
{
    if (!is_read)
        log_error(conn->log, "store.failed", "error=\"unreadable row\" sql=\"%.40s\"",
                  sqlite3_sql(stmt));
    sqlite3_reset(stmt);
    return is_read ? ERR_NONE : ERR_IO;
}

enum err sqlite_read_one(struct sqlite_conn *conn, sqlite3_stmt *stmt, sqlite_read_fn read,
                         void *record)
{
    enum err err = sqlite_conn_step(conn, stmt);

    return err ? err : end(conn, stmt, read(stmt, record));
}

enum err sqlite_read_list(struct sqlite_conn *conn, sqlite3_stmt *stmt, sqlite_read_fn read,
                          struct store_request *request)
{
    const struct store_range *range = request->args;

    sqlite_conn_bind_text(stmt, 1, range->after);
    while (!store_request_is_complete(request)) {
        enum err err = sqlite_conn_step(conn, stmt);

        if (err == ERR_NOT_FOUND)
            return ERR_NONE;
        if (err == ERR_NONE && !read(stmt, store_request_add(request)))
            err = end(conn, stmt, false);
        if (err != ERR_NONE)
            return err;
    }
    return end(conn, stmt, true);
}
