/*
 * store_holding_verb - what can be asked about holdings, and of which shape. Private to src/store.
 */
#pragma once

#include "store/store_holding.h"
#include "store/store_request.h"

enum store_holding_verb {
    STORE_HOLDING_FIND,
    STORE_HOLDING_FIND_GSM,
    STORE_HOLDING_LIST,
    STORE_HOLDING_DESCRIBE,
    STORE_HOLDING_CHANGE,
    STORE_HOLDING_CLAIM,
    STORE_HOLDING_RELEASE,
    STORE_HOLDING_VERBS
};

struct store_holding_list {
    struct store_range range;
    char owner[STORE_APIKEY_CAP];
};
