/*
 * sqlite_resource - how SQLite carries out the verbs of a resource: each in sqlite_<resource>.c, a
 * function for each verb of store_<resource>_verb.h.
 *
 * Look-ups run on a reader's connection, changes on the writer's within a group. A function takes
 * its arguments from the request and fills that with the answer. Private to src/store.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "store/sqlite_conn.h"
#include "store/store_request.h"

typedef enum err (*sqlite_verb_fn)(struct sqlite_conn *conn, struct store_request *request);

struct sqlite_resource {
    const sqlite_verb_fn *verbs;
};

MUST_USE enum err sqlite_resource_carry_out(struct sqlite_conn *conn,
                                            struct store_request *request);
