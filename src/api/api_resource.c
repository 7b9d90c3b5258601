#include "api/api_resource.h"

#include "api/api_code.h"
#include "api/api_device.h"
#include "api/api_device_status.h"
#include "api/api_family.h"
#include "api/api_group.h"
#include "api/api_handover.h"
#include "api/api_history.h"
#include "api/api_homepage.h"
#include "api/api_oauth.h"
#include "api/api_ota.h"
#include "api/api_region.h"
#include "api/api_share.h"
#include "api/api_thing.h"
#include "api/api_thing_batch.h"
#include "api/api_user.h"
#include "api/api_user_login.h"

const struct api_resource *const api_resource_list[] = {
    &api_code,    &api_device,      &api_device_status, &api_family,     &api_group,  &api_handover,
    &api_history, &api_homepage,    &api_oauth,         &api_ota,        &api_region, &api_share,
    &api_thing,   &api_thing_batch, &api_user,          &api_user_login,
};

const size_t api_resource_count = sizeof api_resource_list / sizeof(const struct api_resource *);
