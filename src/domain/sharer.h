/*
 * sharer - whether an account shares anything with another: for clients that come in the sharer's
 * name. The owning worker's thread only.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/accounts.h"

typedef void (*sharer_fn)(void *ctx, enum err err);

/* on_sharer runs once, later: ERR_NONE, ERR_NOT_FOUND, or what the store failed with. ERR_FULL,
 * ERR_INVALID: it will not. */
MUST_USE enum err sharer_check(struct accounts *accounts, struct str owner, struct str sharee,
                               sharer_fn on_sharer, void *ctx);
