/*
 * store_code_verb - what can be asked about verification codes. Private to src/store.
 */
#pragma once

#include "store/store_code.h"

enum store_code_verb { STORE_CODE_CREATE, STORE_CODE_TRY, STORE_CODE_VERBS };

struct store_code_creation {
    struct code_record code;
    int64_t now_ms;
};
