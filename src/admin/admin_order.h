/* admin_order - what operators tell devices: upgrade, restart, redirect, notify. */
#pragma once

#include "admin/admin_call.h"

void admin_order_upgrade(struct admin_call *call);
void admin_order_restart(struct admin_call *call);
void admin_order_redirect(struct admin_call *call);
void admin_order_notify(struct admin_call *call);
