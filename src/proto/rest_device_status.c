#include "proto/rest_device_status.h"

enum { TYPE_DEVICE = 1, TYPE_GROUP = 2 };

void rest_device_status_put_params(struct json_out *json, struct str params)
{
    json_out_raw(json, "params", params);
}

void rest_device_status_put_device(struct json_out *json, struct str deviceid)
{
    json_out_str(json, "deviceid", deviceid);
}

void rest_device_status_begin_list(struct json_out *json)
{
    json_out_array(json, "respList");
}

void rest_device_status_put_item(struct json_out *json, bool is_group, struct str id, int error)
{
    json_out_object(json, NULL);
    json_out_int(json, "type", is_group ? TYPE_GROUP : TYPE_DEVICE);
    json_out_str(json, "id", id);
    json_out_int(json, "error", error);
    json_out_end_object(json);
}

void rest_device_status_end_list(struct json_out *json)
{
    json_out_end_array(json);
}
