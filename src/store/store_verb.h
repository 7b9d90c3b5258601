/*
 * store_verb - what can be asked of the store. Private to src/store.
 */
#pragma once

#include <stdbool.h>

/* In the order of their classes: look-ups, changes, passwords. */
enum store_verb {
    VERB_APP_FIND,
    VERB_USER_FIND,
    VERB_USER_FIND_ACCOUNT,
    VERB_TOKEN_FIND,
    VERB_DEVICE_FIND,
    VERB_APP_LIST,
    VERB_USER_LIST,
    VERB_DEVICE_LIST,
    VERB_APP_CREATE,
    VERB_APP_DISABLE,
    VERB_USER_CREATE,
    VERB_USER_SET_PASSWORD,
    VERB_TOKEN_CREATE,
    VERB_TOKEN_REVOKE,
    VERB_DEVICE_CREATE,
    VERB_DEVICE_ASSIGN,
    VERB_DEVICE_UPDATE,
    VERB_PASSWORD_HASH,
    VERB_PASSWORD_VERIFY,
    VERB_COUNT
};

bool store_verb_is_change(enum store_verb verb);
bool store_verb_is_password(enum store_verb verb);
