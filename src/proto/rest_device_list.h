/*
 * rest_device_list - lists of devices and things around rest_device: between begin and end. Any
 * thread.
 */
#pragma once

#include "base/json_out.h"
#include "proto/rest_device.h"

#include <stdint.h>

void rest_device_list_begin_v1(struct json_out *json);
void rest_device_list_put_v1(struct json_out *json, const struct rest_device *device);

/* One device, as the member "device". */
void rest_device_list_put_one_v1(struct json_out *json, const struct rest_device *device);

/* thingList; its items are rest_device_put_thing(json, NULL, ...). */
void rest_device_list_begin_things(struct json_out *json);
void rest_device_list_end(struct json_out *json);
/* Behind the end of the things. */
void rest_device_list_put_total(struct json_out *json, int64_t total);
