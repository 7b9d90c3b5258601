/* admin_quarantine - `quarantine list`, `accept`, `reject` and `clear`. */
#pragma once

#include "admin/admin_call.h"

void admin_quarantine_list(struct admin_call *call);
void admin_quarantine_accept(struct admin_call *call);
void admin_quarantine_reject(struct admin_call *call);
void admin_quarantine_clear(struct admin_call *call);
