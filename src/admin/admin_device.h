/* admin_device - the verbs of devices: device create, list, show and assign. */
#pragma once

#include "admin/admin_call.h"
#include "base/err.h"

void admin_device_create(struct admin_call *call);
void admin_device_list(struct admin_call *call);
void admin_device_export(struct admin_call *call);
void admin_device_show(struct admin_call *call);
void admin_device_assign(struct admin_call *call);

/* Refuses a verb about a device that the store did not find, or failed to; err is not ERR_NONE. */
void admin_device_refuse(struct admin_call *call, enum err err, const char *id);
