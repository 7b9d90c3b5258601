/*
 * owners - whose a device is, remembered for devices whose owner is at home elsewhere.
 *
 * A bounded cache in front of the store. It finds the way, and nothing more: whether somebody may
 * use the device is decided at its owner's home. The owning worker's thread only.
 */
#pragma once

#include "base/str.h"
#include "domain/lru.h"

#include <stdint.h>

struct owners {
    struct lru lru;
    uint64_t cache_ms;
};

void owners_init(struct owners *owners, size_t max, uint64_t cache_ms);
void owners_fini(struct owners *owners);

/* The owner's apikey, valid until the next call; empty when it is not remembered. */
struct str owners_find(struct owners *owners, struct str deviceid, uint64_t now_ms);
void owners_note(struct owners *owners, struct str deviceid, struct str owner, uint64_t now_ms);
void owners_drop(struct owners *owners, struct str deviceid);
