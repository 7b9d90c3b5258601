#include "api/api_resource.h"

#include "api/api_ota.h"

const struct api_resource *const api_resource_list[] = {
    &api_ota,
};

const size_t api_resource_count = sizeof api_resource_list / sizeof *api_resource_list;
