/* admin_webhook - the verbs of webhooks: webhook add, list, remove and test. */
#pragma once

#include "admin/admin_call.h"

void admin_webhook_add(struct admin_call *call);
void admin_webhook_list(struct admin_call *call);
void admin_webhook_remove(struct admin_call *call);
void admin_webhook_test(struct admin_call *call);
