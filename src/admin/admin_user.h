/* admin_user - the verbs of accounts: user create, list and passwd; and finding one by its name. */
#pragma once

#include "admin/admin_call.h"
#include "base/attr.h"
#include "store/store_user.h"

void admin_user_create(struct admin_call *call);
void admin_user_list(struct admin_call *call);
void admin_user_passwd(struct admin_call *call);

enum { ADMIN_USER_CAP = STORE_ACCOUNT_CAP }; /* of an account or apikey, with its NUL */

/*
 * Finds a user by account or by apikey; go_on is called later with the call as ctx, as by the
 * store. Returns what the store returned (non-zero: go_on will never run), ERR_INVALID when the
 * text can be neither.
 */
MUST_USE enum err admin_user_find(struct admin_call *call, struct str user, store_user_fn go_on);

/* Finds the user whom the call's text `name` names; go_on runs later with what was found. Where
 * there is none, or the store fails, the call is refused instead. */
typedef void (*admin_user_fn)(struct admin_call *call, const struct user_record *user);
void admin_user_resolve(struct admin_call *call, const char *name, admin_user_fn go_on);
