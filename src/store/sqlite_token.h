/*
 * sqlite_token - what changes of other resources do to tokens. Private to src/store.
 */
#pragma once

#include "base/attr.h"
#include "store/sqlite_resource.h"

/* Ends all of the account's: each is added to the request's rows, a struct token_record. */
MUST_USE enum err sqlite_token_end_all(struct sqlite_conn *conn, struct store_request *request,
                                       const char *apikey);
