/* admin_history - `device history`: what has happened to a device of late. */
#pragma once

#include "admin/admin_call.h"

void admin_history_list(struct admin_call *call);
