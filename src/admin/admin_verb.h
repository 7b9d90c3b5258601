/* admin_verb - which function answers which verb of the control socket: one const table. */
#pragma once

#include "admin/admin_call.h"

/* Runs the call's verb. */
void admin_verb_run(struct admin_call *call);
