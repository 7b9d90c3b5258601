/*
 * login_limit - how many logins may fail: of one account, and from one address.
 *
 * A login counts from when it begins, so that many at once are no way round; one that succeeds is
 * taken back. One for all workers, in memory, bounded: past the bound whoever has not tried for
 * longest is forgotten. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct login_limit_config {
    unsigned max_account; /* failures of one account in a window; more are refused until it ends */
    unsigned max_peer;    /* likewise from one address */
    uint64_t window_ms;   /* begins with the first failure */
    size_t max_keys;      /* accounts and addresses that are remembered, each */
};

struct login_limit;

struct login_limit *login_limit_new(const struct login_limit_config *config);
void login_limit_free(struct login_limit *limit); /* accepts NULL */

/* Counts a login that begins; false, and nothing is counted, when too many have failed. now_ms is
 * monotonic. Of an IPv6 address the first 64 bits count. */
MUST_USE bool login_limit_begin(struct login_limit *limit, struct str account, struct str peer_ip,
                                uint64_t now_ms);
/* It has succeeded: the account's failures are forgotten, and this one of the address. */
void login_limit_forgive(struct login_limit *limit, struct str account, struct str peer_ip,
                         uint64_t now_ms);
