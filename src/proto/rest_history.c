#include "proto/rest_history.h"

enum { US_PER_MS = 1000 };

void rest_history_begin(struct json_out *json)
{
    json_out_array(json, "histories");
}

static void put_if_any(struct json_out *json, const char *name, struct str text)
{
    if (text.len > 0)
        json_out_str(json, name, text);
}

void rest_history_put(struct json_out *json, const struct rest_history_entry *entry)
{
    json_out_object(json, NULL);
    json_out_str(json, "deviceid", entry->deviceid);
    json_out_str(json, "userAgent", entry->agent);
    json_out_str(json, "request", entry->request);
    put_if_any(json, "opsAccount", entry->account);
    json_out_int(json, "opsTime", entry->at_ms);
    json_out_str(json, "type", entry->type);
    put_if_any(json, "reason", entry->reason);
    put_if_any(json, "outcome", entry->outcome);
    if (entry->error != 0)
        json_out_int(json, "deviceError", entry->error);
    if (entry->latency_us >= 0)
        json_out_int(json, "latency", entry->latency_us / US_PER_MS);
    json_out_end_object(json);
}

void rest_history_end(struct json_out *json)
{
    json_out_end_array(json);
}
