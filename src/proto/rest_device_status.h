/* rest_device_status - answers about the params of devices. Any thread. */
#pragma once

#include "base/json_out.h"
#include "base/str.h"

#include <stdbool.h>

/* The member "params"; raw JSON. */
void rest_device_status_put_params(struct json_out *json, struct str params);
/* v1, upon a change: the member "deviceid". */
void rest_device_status_put_device(struct json_out *json, struct str deviceid);

/* respList, and an item of it for each thing. */
void rest_device_status_begin_list(struct json_out *json);
void rest_device_status_put_item(struct json_out *json, bool is_group, struct str id, int error);
void rest_device_status_end_list(struct json_out *json);
