/* api_share - v2: devices are shared, and shares changed and ended. Private to api. */
#pragma once

#include "api/api_call.h"
#include "domain/inventory.h"

extern const struct api_resource api_share;

/* Ends the share by which the call's account sees the device, and answers with success. */
void api_share_leave(struct api_call *call, const struct share_record *share);
