/* api_thing - v2: lists of what an account has in its home. Private to api. */
#pragma once

#include "api/api_call.h"
#include "domain/inventory.h"
#include "proto/rest_device_args.h"

extern const struct api_resource api_thing;

/* The members thingList and total: the part of `found` that the page asks for. */
void api_thing_put_page(struct api_call *call, struct json_out *json, const struct holdings *found,
                        const struct rest_page *page);
