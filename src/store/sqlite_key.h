/*
 * sqlite_key - rows that other rows refer to, by the key that callers know them by.
 *
 * Binds the number of that row as a parameter of another statement, or NULL for an empty key.
 * ERR_NOT_FOUND: there is no such row. Private to src/store.
 */
#pragma once

#include "base/attr.h"
#include "store/sqlite_conn.h"

MUST_USE enum err sqlite_key_bind_app(struct sqlite_conn *conn, sqlite3_stmt *stmt, int at,
                                      const char *id);
MUST_USE enum err sqlite_key_bind_user(struct sqlite_conn *conn, sqlite3_stmt *stmt, int at,
                                       const char *apikey);
MUST_USE enum err sqlite_key_bind_device(struct sqlite_conn *conn, sqlite3_stmt *stmt, int at,
                                         const char *id);
