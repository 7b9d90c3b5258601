/* admin_device_end - `device disable`, `device enable` and `device delete`. */
#pragma once

#include "admin/admin_call.h"

void admin_device_end_disable(struct admin_call *call); /* and enable */
void admin_device_end_delete(struct admin_call *call);
