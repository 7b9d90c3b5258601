/* admin_device - the verbs of devices: device create, list, show and assign. */
#pragma once

#include "admin/admin_call.h"

void admin_device_create(struct admin_call *call);
void admin_device_list(struct admin_call *call);
void admin_device_export(struct admin_call *call);
void admin_device_show(struct admin_call *call);
void admin_device_assign(struct admin_call *call);
