/* rest_homepage - which parts of v2's home page are asked for, and where each begins. Any thread.
 */
#pragma once

#include "base/json_out.h"
#include "proto/rest_args.h"
#include "proto/rest_device_args.h"

#include <stdbool.h>

struct rest_homepage {
    bool user;
    bool family;
    bool things;
    bool scenes;
    bool messages;
    struct rest_page page; /* of the things */
};

void rest_homepage_read(const struct rest_args *args, struct rest_homepage *out);

void rest_homepage_begin_user(struct json_out *json);
void rest_homepage_put_apikey(struct json_out *json, struct str apikey);
void rest_homepage_begin_family(struct json_out *json);
void rest_homepage_begin_things(struct json_out *json);
void rest_homepage_end(struct json_out *json);
/* There are none of either. */
void rest_homepage_put_scenes(struct json_out *json);
void rest_homepage_put_messages(struct json_out *json);
