/* admin_log - the verb of the log: log level. */
#pragma once

#include "admin/admin_call.h"

void admin_log_level(struct admin_call *call);

/* The name of the most talkative level that is on. */
const char *admin_log_level_name(const struct log *log);
