/*
 * admin_health - whether the server may be sent clients, and what it takes of the machine.
 */
#pragma once

#include "admin/admin.h"

#include <stddef.h>
#include <stdint.h>

enum { ADMIN_HEALTH_REASONS = 3 };

/* Why the server is not ready, as texts of our own; returns how many, 0 when it is ready. */
size_t admin_health_reasons(const struct admin_config *config,
                            const char *out[ADMIN_HEALTH_REASONS]);

/* Resident memory of the process in bytes; 0 when the system does not say. */
uint64_t admin_health_memory(void);
