/*
 * store_token_verb - what can be asked about tokens, and of which shape. Private to src/store.
 */
#pragma once

#include "store/store_token.h"

enum store_token_verb {
    STORE_TOKEN_FIND,
    STORE_TOKEN_CREATE,
    STORE_TOKEN_REVOKE,
    STORE_TOKEN_GRANT,
    STORE_TOKEN_END,
    STORE_TOKEN_END_ALL,
    STORE_TOKEN_VERBS
};
