/*
 * store_share_verb - what can be asked about shares, and of which shape. Private to src/store.
 */
#pragma once

#include "store/store_request.h"
#include "store/store_share.h"

enum store_share_verb {
    STORE_SHARE_LOOK,
    STORE_SHARE_CHECK,
    STORE_SHARE_LIST,
    STORE_SHARE_CREATE,
    STORE_SHARE_UPDATE,
    STORE_SHARE_DELETE,
    STORE_SHARE_VERBS
};

struct store_share_pair {
    char owner[STORE_APIKEY_CAP];
    char sharee[STORE_APIKEY_CAP];
};

struct store_share_list {
    struct store_range range;
    char deviceid[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
    char sharee[STORE_APIKEY_CAP];
};

struct store_share_creation {
    struct share_record share;
    unsigned max;
};
