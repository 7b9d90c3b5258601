/*
 * store_user_verb - what can be asked about accounts, and of which shape. Private to src/store.
 */
#pragma once

#include "store/store_user.h"

enum store_user_verb {
    STORE_USER_FIND,
    STORE_USER_FIND_ACCOUNT,
    STORE_USER_LIST,
    STORE_USER_CREATE,
    STORE_USER_SET_PASSWORD,
    STORE_USER_RENEW_PASSWORD,
    STORE_USER_VERBS
};
