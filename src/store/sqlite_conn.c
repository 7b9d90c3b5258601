#include "store/sqlite_conn.h"

#include <assert.h>
#include <string.h>

enum { BUSY_MS = 2000 };

/* By primary result code; anything else is a fault of the disk or its file system. */
static const struct advice {
    int code;
    enum err err;
    const char *text;
} advices[] = {
    {SQLITE_NOTADB, ERR_INVALID, "it is not a database: set another path, or restore a copy"},
    {SQLITE_CORRUPT, ERR_INVALID, "it is damaged: restore a copy, or try sqlite3's .recover"},
    {SQLITE_BUSY, ERR_BUSY, "another program has it locked: end that program"},
    {SQLITE_READONLY, ERR_IO, "no permission to write: let this user own the file"},
    {SQLITE_PERM, ERR_IO, "no permission: let this user own the file"},
    {SQLITE_CANTOPEN, ERR_IO, "cannot be opened: let this user own it and its directory"},
    {SQLITE_FULL, ERR_IO, "the disk is full: free some space"},
    {SQLITE_IOERR, ERR_IO, "reading or writing failed: check the disk, its space and its mount"},
};

enum err sqlite_conn_problem(int code, const char *path, struct problem *problem)
{
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++) {
        if (advices[i].code == (code & 0xff))
            return problem_set(problem, advices[i].err, 0, "%.120s: %s", path, advices[i].text);
    }
    return problem_set(problem, ERR_IO, 0, "%.120s: %s", path, sqlite3_errstr(code));
}

enum err sqlite_conn_open(struct sqlite_conn *conn, const char *path, int flags, const char *setup,
                          struct problem *problem)
{
    int code = sqlite3_open_v2(path, &conn->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(conn->db, 1);
        sqlite3_busy_timeout(conn->db, BUSY_MS);
        code = sqlite3_exec(conn->db, setup, NULL, NULL, NULL);
    }
    if (code == SQLITE_OK)
        return ERR_NONE;
    sqlite_conn_close(conn);
    return sqlite_conn_problem(code, path, problem);
}

void sqlite_conn_close(struct sqlite_conn *conn)
{
    int code;

    for (size_t i = 0; i < SQLITE_SETS; i++) {
        for (size_t j = 0; j < SQLITE_CONN_STATEMENTS_MAX; j++)
            sqlite3_finalize(conn->statements[i][j]);
    }
    memset(conn->statements, 0, sizeof conn->statements);
    code = sqlite3_close(conn->db);
    assert(code == SQLITE_OK);
    (void)code;
    conn->db = NULL;
}

sqlite3_stmt *sqlite_conn_use(struct sqlite_conn *conn, unsigned set, unsigned number,
                              const char *sql)
{
    sqlite3_stmt **stmt = &conn->statements[set][number];
    char text[160];

    assert(set < SQLITE_SETS && number < SQLITE_CONN_STATEMENTS_MAX);
    if (*stmt != NULL)
        return *stmt;
    if (sqlite3_prepare_v3(conn->db, sql, -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL) == SQLITE_OK)
        return *stmt;
    log_quote(str_of(sqlite3_errmsg(conn->db)), text, sizeof text);
    log_error(conn->log, "store.failed", "error=%s sql=\"%.40s\"", text, sql);
    return NULL;
}

static void must_bind(const sqlite3_stmt *stmt, int code)
{
    assert(stmt == NULL || code == SQLITE_OK);
    (void)stmt;
    (void)code;
}

void sqlite_conn_bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
    must_bind(stmt, sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC));
}

/* SQLite takes a NULL pointer for NULL, whatever the length. */
void sqlite_conn_bind_str(sqlite3_stmt *stmt, int at, struct str text)
{
    must_bind(stmt, sqlite3_bind_text64(stmt, at, text.ptr == NULL ? "" : text.ptr, text.len,
                                        SQLITE_STATIC, SQLITE_UTF8));
}

void sqlite_conn_bind_blob(sqlite3_stmt *stmt, int at, const void *bytes, size_t len)
{
    must_bind(stmt, sqlite3_bind_blob64(stmt, at, bytes, len, SQLITE_STATIC));
}

void sqlite_conn_bind_int(sqlite3_stmt *stmt, int at, int64_t value)
{
    must_bind(stmt, sqlite3_bind_int64(stmt, at, value));
}

void sqlite_conn_bind_null(sqlite3_stmt *stmt, int at)
{
    must_bind(stmt, sqlite3_bind_null(stmt, at));
}

/* What the last call's failure means; a fault, unlike an answer, is logged. */
static enum err err_of(struct sqlite_conn *conn, sqlite3_stmt *stmt, int code)
{
    char text[160];

    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
        return ERR_EXISTS;
    log_quote(str_of(sqlite3_errmsg(conn->db)), text, sizeof text);
    log_error(conn->log, "store.failed", "code=%d error=%s sql=\"%.40s\"", code, text,
              sqlite3_sql(stmt));
    return ERR_IO;
}

enum err sqlite_conn_step(struct sqlite_conn *conn, sqlite3_stmt *stmt)
{
    int code;
    enum err err;

    if (stmt == NULL)
        return ERR_IO;
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        return ERR_NONE;
    err = code == SQLITE_DONE ? ERR_NOT_FOUND : err_of(conn, stmt, code);
    sqlite3_reset(stmt);
    return err;
}

enum err sqlite_conn_run(struct sqlite_conn *conn, sqlite3_stmt *stmt)
{
    enum err err = sqlite_conn_step(conn, stmt);

    assert(err != ERR_NONE);
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err sqlite_conn_change(struct sqlite_conn *conn, sqlite3_stmt *stmt)
{
    enum err err = sqlite_conn_run(conn, stmt);

    if (err == ERR_NONE && sqlite3_changes(conn->db) == 0)
        return ERR_NOT_FOUND;
    return err;
}

bool sqlite_conn_text(sqlite3_stmt *stmt, int column, char *out, size_t cap)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);
    struct str value = {(const char *)text, (size_t)sqlite3_column_bytes(stmt, column)};

    return text != NULL && str_copy(value, out, cap);
}
