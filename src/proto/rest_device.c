#include "proto/rest_device.h"

#include "base/clock.h"

enum { ITEM_OWN = 1, ITEM_SHARED = 2 };

/* What an app may set and has not: no notices, a history, alarms. */
#define USUAL_SETTINGS STR("{\"opsNotify\":0,\"opsHistory\":1,\"alarmNotify\":1}")

static void put_time(struct json_out *json, const char *name, int64_t at_ms)
{
    char text[CLOCK_ISO_CAP];

    if (at_ms == 0)
        return;
    clock_format_iso(at_ms, text);
    json_out_str(json, name, str_of(text));
}

static void put_optional(struct json_out *json, const char *name, struct str text)
{
    if (text.len > 0)
        json_out_str(json, name, text);
}

/* What the maker of a device says of it. */
static void put_extra(struct json_out *json, const struct rest_device *device)
{
    json_out_object(json, "extra");
    json_out_str(json, "model", device->model);
    json_out_int(json, "uiid", device->uiid);
    json_out_str(json, "ui", STR(""));
    json_out_str(json, "description", device->description);
    json_out_str(json, "manufacturer", device->maker);
    json_out_str(json, "mac", device->mac);
    json_out_str(json, "apmac", device->apmac);
    json_out_str(json, "modelInfo", device->product);
    json_out_str(json, "brandId", device->brand);
    put_optional(json, "chipid", device->chipid);
    json_out_end_object(json);
}

static void put_person(struct json_out *json, const char *name, const struct rest_share *share)
{
    bool is_phone = share->account.len > 0 && share->account.ptr[0] == '+';

    json_out_object(json, name);
    json_out_str(json, "apikey", share->apikey);
    put_optional(json, is_phone ? "phoneNumber" : "email", share->account);
    json_out_int(json, "permit", share->permit);
    json_out_str(json, "comment", share->comment);
    json_out_int(json, "shareTime", share->shared_ms);
    json_out_end_object(json);
}

static void put_people(struct json_out *json, const char *name, const struct rest_device *device)
{
    json_out_array(json, name);
    for (size_t i = 0; i < device->shared_to_count; i++)
        put_person(json, NULL, &device->shared_to[i]);
    json_out_end_array(json);
}

/* What both dialects begin with. */
static void put_identity(struct json_out *json, const struct rest_device *device)
{
    json_out_str(json, "name", device->name);
    json_out_str(json, "deviceid", device->id);
    json_out_str(json, "apikey", device->owner);
    json_out_str(json, "devicekey", device->key); /* clients fail where there is none */
}

/* What both say of its state and its brand. */
static void put_state(struct json_out *json, const struct rest_device *device)
{
    json_out_bool(json, "online", device->is_online);
    json_out_raw(json, "params", device->params);
    json_out_raw(json, "settings", device->settings.len > 0 ? device->settings : USUAL_SETTINGS);
    json_out_str(json, "brandName", device->brand);
    json_out_bool(json, "showBrand", device->brand.len > 0);
    json_out_str(json, "productModel", device->product);
    if (device->tags.len > 0)
        json_out_raw(json, "tags", device->tags);
    if (device->shared_by != NULL)
        put_person(json, "sharedBy", device->shared_by);
}

void rest_device_put_v1(struct json_out *json, const struct rest_device *device)
{
    put_identity(json, device);
    json_out_str(json, "type", STR("10"));
    json_out_object(json, "extra");
    json_out_str(json, "_id", device->id);
    put_extra(json, device);
    json_out_end_object(json);
    put_state(json, device);
    json_out_int(json, "uiid", device->uiid);
    json_out_str(json, "brandLogoUrl", STR(""));
    json_out_str(json, "deviceUrl", STR(""));
    json_out_str(json, "ip", STR(""));
    json_out_str(json, "location", STR(""));
    put_time(json, "onlineTime", device->online_ms);
    put_time(json, "offlineTime", device->offline_ms);
    put_time(json, "createdAt", device->created_ms);
    json_out_array(json, "groups");
    for (size_t i = 0; i < device->group_count; i++)
        json_out_str(json, NULL, device->groups[i]);
    json_out_end_array(json);
    if (device->shared_by == NULL)
        put_people(json, "sharedTo", device);
}

static void put_v2_groups(struct json_out *json, const struct rest_device *device)
{
    json_out_array(json, "devGroups");
    for (size_t i = 0; i < device->group_count; i++) {
        json_out_object(json, NULL);
        json_out_int(json, "type", 1);
        json_out_str(json, "groupId", device->groups[i]);
        json_out_end_object(json);
    }
    json_out_end_array(json);
}

static void put_v2(struct json_out *json, const char *name, const struct rest_device *device)
{
    json_out_object(json, name);
    put_identity(json, device);
    put_extra(json, device);
    put_state(json, device);
    json_out_str(json, "brandLogo", STR(""));
    put_v2_groups(json, device);
    json_out_object(json, "family");
    json_out_str(json, "familyid", device->family);
    json_out_int(json, "index", device->index);
    json_out_end_object(json);
    if (device->shared_by == NULL)
        put_people(json, "shareTo", device);
    json_out_end_object(json);
}

void rest_device_put_thing_members(struct json_out *json, const struct rest_device *device)
{
    json_out_int(json, "itemType", device->shared_by == NULL ? ITEM_OWN : ITEM_SHARED);
    put_v2(json, "itemData", device);
    json_out_int(json, "index", device->index);
}

void rest_device_put_thing(struct json_out *json, const char *name,
                           const struct rest_device *device)
{
    json_out_object(json, name);
    rest_device_put_thing_members(json, device);
    json_out_end_object(json);
}
