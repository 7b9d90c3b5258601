/*
 * api_resource - the resources of the account API: a file each, and a line each in this list.
 *
 * Private to api.
 */
#pragma once

#include "api/api_call.h"

#include <stddef.h>

extern const struct api_resource *const api_resource_list[];
extern const size_t api_resource_count;
