/*
 * store_sqlite_write - groups of changes, over the writer's connection. See store_backend.h.
 */
#pragma once

#include "base/attr.h"
#include "base/problem.h"
#include "store/sqlite_conn.h"
#include "store/store_request.h"

MUST_USE enum err store_sqlite_write_prepare(struct sqlite_conn *conn, struct problem *problem);

MUST_USE enum err store_sqlite_write_begin(struct sqlite_conn *conn);
/* Any change but VERB_DEVICE_UPDATE, which is the journal's. */
MUST_USE enum err store_sqlite_write_change(struct sqlite_conn *conn,
                                            const struct store_request *request);
MUST_USE enum err store_sqlite_write_commit(struct sqlite_conn *conn);
void store_sqlite_write_undo(struct sqlite_conn *conn); /* in place of a commit */
