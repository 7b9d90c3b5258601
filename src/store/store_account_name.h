/*
 * store_account_name - what an account is called, as the store keeps it.
 *
 * An e-mail address is the same in upper and in lower case: the ASCII letters of a name that has an
 * '@' are made small. Any other, a phone number, stays as it is. Pure functions, any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "store/store_record.h"

void store_account_name_fold(char name[static STORE_ACCOUNT_CAP]);

/* Copies and folds; false (and out[0] = 0) when the name is too long or has a NUL inside. */
MUST_USE bool store_account_name_copy(struct str name, char out[static STORE_ACCOUNT_CAP]);
