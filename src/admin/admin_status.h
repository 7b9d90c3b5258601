/* admin_status - the verb that shows how the server is doing: status. */
#pragma once

#include "admin/admin_call.h"

void admin_status_show(struct admin_call *call);
