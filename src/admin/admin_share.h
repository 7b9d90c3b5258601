/* admin_share - the verbs of shares: share add, list and remove. */
#pragma once

#include "admin/admin_call.h"

void admin_share_add(struct admin_call *call);
void admin_share_list(struct admin_call *call);
void admin_share_remove(struct admin_call *call);
