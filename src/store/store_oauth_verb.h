/*
 * store_oauth_verb - what can be asked about redirects and codes. Private to src/store.
 */
#pragma once

#include "store/store_oauth.h"
#include "store/store_request.h"

enum store_oauth_verb {
    STORE_OAUTH_ADD,
    STORE_OAUTH_REMOVE,
    STORE_OAUTH_FIND,
    STORE_OAUTH_LIST,
    STORE_OAUTH_CODE_CREATE,
    STORE_OAUTH_CODE_TAKE,
    STORE_OAUTH_VERBS
};

struct store_oauth_list {
    struct store_range range;
    char appid[STORE_APP_ID_CAP];
};
