/*
 * sharees - with whom a device in memory is shared, and what they may.
 *
 * Private to domain. The device's home loads it with the device and keeps it as the store has it;
 * NULL is the empty set, which most devices have. The owning worker's thread only.
 */
#pragma once

#include "base/str.h"
#include "store/store_record.h"

#include <stddef.h>

struct sharee {
    char apikey[STORE_APIKEY_CAP];
    unsigned permit; /* of enum permit */
};

struct sharees {
    char deviceid[STORE_DEVICE_ID_CAP]; /* set by who keeps it */
    size_t count;
    struct sharee items[];
};

/* Adds him, or changes his permit. *sharees is freed and replaced. */
void sharees_put(struct sharees **sharees, struct str apikey, unsigned permit);
void sharees_remove(struct sharees **sharees, struct str apikey);
const struct sharee *sharees_find(const struct sharees *sharees, struct str apikey);
