/*
 * store_history_verb - what can be asked about histories, and of which shape. Private to src/store.
 */
#pragma once

#include "base/buf.h"
#include "store/store_history.h"

enum store_history_verb {
    STORE_HISTORY_APPEND,
    STORE_HISTORY_FIND,
    STORE_HISTORY_CLEAR,
    STORE_HISTORY_VERBS
};

/* To append, to find or to clear. */
struct store_history {
    char id[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
    struct buf entries; /* owned */
};

struct store_history_append_args {
    size_t keep;
};
