#include "proto/rest_ota.h"

bool rest_ota_is_query(const struct rest_args *args)
{
    return rest_args_json(args, "deviceInfoList").kind == JSON_ARRAY;
}

void rest_ota_put_none(struct json_out *json, enum rest_style style)
{
    json_out_array(json, style == REST_V2 ? "otaInfoList" : "upgradeInfoList");
    json_out_end_array(json);
}
