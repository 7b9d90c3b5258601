/*
 * sqlite_group - the transaction of a group of changes, over the writer's connection.
 *
 * Some faults (a full disk, a failed write) make SQLite itself roll a transaction back; then each
 * statement would commit alone, before the group's answer. Private to src/store.
 */
#pragma once

#include "base/attr.h"
#include "store/sqlite_resource.h"

MUST_USE enum err sqlite_group_begin(struct sqlite_conn *conn);
MUST_USE enum err sqlite_group_commit(struct sqlite_conn *conn);
void sqlite_group_undo(struct sqlite_conn *conn); /* in place of a commit */

/* True when SQLite has ended the transaction by itself. */
bool sqlite_group_is_lost(const struct sqlite_conn *conn);

/* A change of more than one statement, of which all or none shall remain. */
MUST_USE enum err sqlite_group_whole(struct sqlite_conn *conn, sqlite_verb_fn change,
                                     struct store_request *request);
