/*
 * store_app_verb - what can be asked about apps, and of which shape. Private to src/store.
 */
#pragma once

#include "store/store_app.h"

enum store_app_verb {
    STORE_APP_FIND,
    STORE_APP_LIST,
    STORE_APP_CREATE,
    STORE_APP_DISABLE,
    STORE_APP_VERBS
};
