#include "proto/rest_family.h"

void rest_family_put_list(struct json_out *json, const struct rest_family *family)
{
    json_out_array(json, "familyList");
    json_out_object(json, NULL);
    json_out_str(json, "id", family->id);
    json_out_str(json, "apikey", family->owner);
    json_out_str(json, "name", family->name);
    json_out_int(json, "index", 0);
    json_out_array(json, "roomList");
    json_out_end_array(json);
    json_out_end_object(json);
    json_out_end_array(json);
    json_out_str(json, "currentFamilyId", family->id);
}
