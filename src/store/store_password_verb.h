/*
 * store_password_verb - what can be asked about passwords, and of which shape. Private to
 * src/store.
 */
#pragma once

#include "store/store_record.h"

#include <stddef.h>

enum store_password_verb { STORE_PASSWORD_HASH, STORE_PASSWORD_VERIFY, STORE_PASSWORD_VERBS };

struct store_password {
    char *text; /* owned, wiped on release */
    size_t len;
    char hash[STORE_PASSWORD_CAP];
};
