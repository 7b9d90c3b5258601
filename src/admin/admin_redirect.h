/* admin_redirect - the verbs of redirect URLs: redirect add, remove and list. */
#pragma once

#include "admin/admin_call.h"

void admin_redirect_add(struct admin_call *call);
void admin_redirect_remove(struct admin_call *call);
void admin_redirect_list(struct admin_call *call);
