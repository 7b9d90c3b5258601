/* admin_app - the verbs of applications: app create, list, disable and enable. */
#pragma once

#include "admin/admin_call.h"

void admin_app_create(struct admin_call *call);
void admin_app_list(struct admin_call *call);
void admin_app_set_disabled(struct admin_call *call); /* disable and enable */
