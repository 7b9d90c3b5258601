#include "proto/rest_device_list.h"

void rest_device_list_begin_v1(struct json_out *json)
{
    json_out_array(json, "devicelist");
}

void rest_device_list_put_v1(struct json_out *json, const struct rest_device *device)
{
    json_out_object(json, NULL);
    rest_device_put_v1(json, device);
    json_out_end_object(json);
}

void rest_device_list_put_one_v1(struct json_out *json, const struct rest_device *device)
{
    json_out_object(json, "device");
    rest_device_put_v1(json, device);
    json_out_end_object(json);
}

void rest_device_list_begin_things(struct json_out *json)
{
    json_out_array(json, "thingList");
}

void rest_device_list_end(struct json_out *json)
{
    json_out_end_array(json);
}

void rest_device_list_put_total(struct json_out *json, int64_t total)
{
    json_out_int(json, "total", total);
}
