/*
 * conn_quota - counts the open connections of one listener, on whichever thread they are by now.
 *
 * It lives until the listener and all its connections have let it go. Any thread.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

struct conn_quota;

struct conn_quota *conn_quota_new(void);         /* held by the listener */
void conn_quota_unref(struct conn_quota *quota); /* the listener's hold ends; accepts NULL */

/* A place for one more connection, false when `max` are open. The owning listener only. */
MUST_USE bool conn_quota_take(struct conn_quota *quota, size_t max);
void conn_quota_give_back(struct conn_quota *quota); /* accepts NULL */
