/* admin_conn - the verbs of open connections: conn list and conn kick. */
#pragma once

#include "admin/admin_call.h"

void admin_conn_list(struct admin_call *call);
void admin_conn_kick(struct admin_call *call);
