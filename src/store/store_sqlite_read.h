/*
 * store_sqlite_read - look-ups and lists, over a reader's connection. See store_backend.h.
 */
#pragma once

#include "base/attr.h"
#include "base/problem.h"
#include "store/sqlite_conn.h"
#include "store/store_request.h"

MUST_USE enum err store_sqlite_read_prepare(struct sqlite_conn *conn, struct problem *problem);

/* Fills the request with the answer. */
MUST_USE enum err store_sqlite_read(struct sqlite_conn *conn, struct store_request *request);
