/*
 * store_private - what the facades of the resources share. Private to src/store.
 */
#pragma once

#include "base/attr.h"
#include "store/store.h"
#include "store/store_request.h"

/* Takes the request on its way. On failure it is freed: ERR_INVALID unless it is valid, ERR_FULL
 * when too much is waiting. */
MUST_USE enum err store_submit(struct store *store, struct store_request *request, bool is_valid);
