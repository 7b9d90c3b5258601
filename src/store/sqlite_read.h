/*
 * sqlite_read - look-ups of one record and of lists, whatever their type. Private to src/store.
 */
#pragma once

#include "base/attr.h"
#include "store/sqlite_conn.h"
#include "store/store_request.h"

/* Reads the row that the statement stands on into a record; false when it can't be one of ours. */
typedef bool (*sqlite_read_fn)(sqlite3_stmt *stmt, void *record);
/* The row of a count(*): an int64_t. */
bool sqlite_read_count(sqlite3_stmt *stmt, void *record);

/* Runs the statement, whose parameters are bound. ERR_NOT_FOUND; ERR_IO. */
MUST_USE enum err sqlite_read_one(struct sqlite_conn *conn, sqlite3_stmt *stmt, sqlite_read_fn read,
                                  void *record);
/* Adds rows to the request of a list until it is complete, so that no LIMIT is needed. Binds
 * `after` as the first parameter. */
MUST_USE enum err sqlite_read_list(struct sqlite_conn *conn, sqlite3_stmt *stmt,
                                   sqlite_read_fn read, struct store_request *request);
