/*
 * code_limit - how often verification codes may be asked for: for one account, and by one address.
 *
 * One for all workers, in memory, bounded: past the bound whoever has not asked for longest is
 * forgotten. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CODE_LIMIT_MOST = 100 }; /* no count below is larger */

/* Within any span of that length. */
struct code_limit_counts {
    unsigned minute;
    unsigned hour;
    unsigned day;
};

struct code_limit_config {
    struct code_limit_counts account;
    struct code_limit_counts peer;
    size_t max_keys; /* accounts and addresses that are remembered, each */
};

struct code_limit;

struct code_limit *code_limit_new(const struct code_limit_config *config);
void code_limit_free(struct code_limit *limit); /* accepts NULL */

/*
 * Counts one more when neither the account nor the address has had too many, else counts nothing.
 * Of an IPv6 address the first 64 bits count: who has one of them has all. now_ms is monotonic.
 */
MUST_USE bool code_limit_take(struct code_limit *limit, struct str account, struct str peer_ip,
                              uint64_t now_ms);
