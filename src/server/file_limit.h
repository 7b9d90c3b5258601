/*
 * file_limit - how many descriptors the process may open: a connection each.
 */
#pragma once

#include <stddef.h>

/* Raises the limit as far as the system allows; returns what it is then. */
size_t file_limit_raise(void);
