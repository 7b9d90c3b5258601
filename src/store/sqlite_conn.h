/*
 * sqlite_conn - one connection to a SQLite file with its prepared statements.
 *
 * Also what SQLite's result codes mean to us. One thread at a time; private to src/store.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "base/problem.h"
#include "base/str.h"
#include "store/store_resource.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store_journal;
struct store_overlay;

enum { SQLITE_CONN_STATEMENTS_MAX = 24 }; /* of one set */

/* Whose statements: a resource's, or of one of our own files. */
enum sqlite_set { SQLITE_GROUP = STORE_RESOURCES, SQLITE_KEY, SQLITE_JOURNAL, SQLITE_SETS };

struct sqlite_conn {
    sqlite3 *db;
    sqlite3_stmt *statements[SQLITE_SETS][SQLITE_CONN_STATEMENTS_MAX];
    struct log *log;               /* borrowed; may be NULL */
    struct store_journal *journal; /* borrowed; NULL in a reader */
    struct store_overlay *overlay; /* borrowed; what the journal has and the rows have not */
};

/* Opens with the flags of sqlite3_open_v2() and runs `setup`, which is SQL. On failure nothing
 * stays open. */
MUST_USE enum err sqlite_conn_open(struct sqlite_conn *conn, const char *path, int flags,
                                   const char *setup, struct problem *problem);
/* A zero-filled connection is accepted. */
void sqlite_conn_close(struct sqlite_conn *conn);

/*
 * The statement of that number in a set (a resource's id, or an enum sqlite_set), made from `sql`
 * the first time and kept. NULL, which all functions below accept, when it can't be made: to step
 * is ERR_IO then.
 */
sqlite3_stmt *sqlite_conn_use(struct sqlite_conn *conn, unsigned set, unsigned number,
                              const char *sql);

/* Fills the problem with what an operator should do when `path` can't be used because of `code`. */
enum err sqlite_conn_problem(int code, const char *path, struct problem *problem);

/* Parameters, numbered from 1. A text must stay until the statement has run. */
void sqlite_conn_bind_text(sqlite3_stmt *stmt, int at, const char *text); /* NULL binds NULL */
void sqlite_conn_bind_str(sqlite3_stmt *stmt, int at, struct str text);   /* never NULL */
void sqlite_conn_bind_blob(sqlite3_stmt *stmt, int at, const void *bytes, size_t len);
void sqlite_conn_bind_int(sqlite3_stmt *stmt, int at, int64_t value);
void sqlite_conn_bind_null(sqlite3_stmt *stmt, int at);

/*
 * ERR_NONE when there is a row to read, ERR_NOT_FOUND when there is none (any more). Anything but
 * ERR_NONE leaves the statement ready for the next time.
 */
MUST_USE enum err sqlite_conn_step(struct sqlite_conn *conn, sqlite3_stmt *stmt);
/* Runs a statement that answers with no row. ERR_EXISTS: a key is taken. */
MUST_USE enum err sqlite_conn_run(struct sqlite_conn *conn, sqlite3_stmt *stmt);
/* The same, but ERR_NOT_FOUND when it changed no row. */
MUST_USE enum err sqlite_conn_change(struct sqlite_conn *conn, sqlite3_stmt *stmt);

/* A column as text into an array; false when it does not fit. */
MUST_USE bool sqlite_conn_text(sqlite3_stmt *stmt, int column, char *out, size_t cap);
