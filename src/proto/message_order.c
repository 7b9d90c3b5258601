#include "proto/message_order.h"

#include "base/json_out.h"

void message_order_format_upgrade(struct buf *out, const struct message_firmware *firmware)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    json_out_array(&json, "binList");
    for (size_t i = 0; i < firmware->count; i++) {
        json_out_object(&json, NULL);
        json_out_str(&json, "downloadUrl", firmware->binaries[i].url);
        json_out_str(&json, "digest", firmware->binaries[i].digest);
        json_out_str(&json, "name", firmware->binaries[i].name);
        json_out_end_object(&json);
    }
    json_out_end_array(&json);
    json_out_str(&json, "model", firmware->model);
    json_out_str(&json, "version", firmware->version);
    json_out_end_object(&json);
}

void message_order_format_redirect(struct buf *out, struct str ip, uint16_t port)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    json_out_str(&json, "IP", ip);
    json_out_int(&json, "port", port);
    json_out_end_object(&json);
}
