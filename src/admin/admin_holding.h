/* admin_holding - `device describe`: what its maker tells of a device. Private to admin. */
#pragma once

#include "admin/admin_call.h"

void admin_holding_describe(struct admin_call *call);
