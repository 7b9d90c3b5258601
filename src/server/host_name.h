/*
 * host_name - what this machine calls itself. Any thread.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>

enum { HOST_NAME_CAP = 256 };

/* False when it has none that is a name: letters, digits, '-' and '.'. */
MUST_USE bool host_name_read(char out[HOST_NAME_CAP]);
