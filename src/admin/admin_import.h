/*
 * admin_import - the verb that registers many devices: one batch of `device import`.
 *
 * The arg "rows" holds arrays [line, id, key, name, model, owner]; line is where the row stands in
 * the operator's file. A batch is committed whole or not at all; a refusal carries an array "rows"
 * of {line, text} that names what is wrong with each bad row (the first ADMIN_IMPORT_REPORTS).
 */
#pragma once

#include "admin/admin_call.h"

enum { ADMIN_IMPORT_ROWS = 1000, ADMIN_IMPORT_REPORTS = 20 };

void admin_import_devices(struct admin_call *call);
