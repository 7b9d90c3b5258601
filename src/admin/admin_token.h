/* admin_token - the verbs of tokens: token issue, revoke and check. */
#pragma once

#include "admin/admin_call.h"

void admin_token_issue(struct admin_call *call);
void admin_token_revoke(struct admin_call *call);
void admin_token_check(struct admin_call *call);
