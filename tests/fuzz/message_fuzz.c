/* Any text: views stay inside it, and what is formatted from it is JSON again. */
#include "proto/message.h"
#include "proto/message_timers.h"

#include "fuzz.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_view(struct str text, struct str view)
{
    if (view.len == 0)
        return;
    assert(view.ptr >= text.ptr && view.len <= text.len);
    assert((size_t)(view.ptr - text.ptr) <= text.len - view.len);
}

static void check_scalar(struct json_value value)
{
    assert(value.kind == JSON_NONE || value.kind == JSON_NUMBER || value.kind == JSON_STRING);
}

static void check_message(struct str text, const struct message *msg)
{
    const struct str views[] = {msg->at,         msg->apikey,  msg->appid,     msg->deviceid,
                                msg->user_agent, msg->chipid,  msg->model,     msg->rom_version,
                                msg->sequence,   msg->seq.raw, msg->d_seq.raw, msg->params.raw};

    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        check_view(text, views[i]);
    check_scalar(msg->seq);
    check_scalar(msg->d_seq);
    assert(msg->params.kind != JSON_NULL);
    assert(msg->member_count <= MESSAGE_MAX_MEMBERS);
}

static void check_json(struct buf *buf)
{
    struct json_value value;

    assert(json_scan(buf_str(buf), &value) == ERR_NONE && value.kind == JSON_OBJECT);
    buf_clear(buf);
}

static void check_formats(const struct message *msg)
{
    struct message_reply reply = {.error = (int)msg->error,
                                  .deviceid = msg->deviceid,
                                  .apikey = msg->apikey,
                                  .params = msg->params,
                                  .extras = msg,
                                  .sequence = msg->sequence,
                                  .d_seq = msg->d_seq};
    struct message_update update = {.deviceid = msg->deviceid,
                                    .apikey = msg->apikey,
                                    .sequence = msg->sequence,
                                    .params = msg->params.raw,
                                    .d_seq = msg->d_seq,
                                    .seq = msg->seq};
    struct buf buf = BUF_EMPTY;

    message_format_reply(&buf, &reply);
    check_json(&buf);
    message_format_command(&buf, MESSAGE_UPDATE, &update);
    check_json(&buf);
    message_format_app_push(&buf, &update);
    check_json(&buf);
    if (msg->params.kind == JSON_OBJECT) {
        message_timers_shorten(&buf, msg->params.raw);
        check_json(&buf);
    }
    message_format_device_push(&buf, &update);
    check_json(&buf);
    message_format_presence(&buf, msg->deviceid, msg->apikey, true);
    check_json(&buf);
    buf_free(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct message msg;

    if (message_parse(text, &msg) != ERR_NONE)
        return 0;
    assert(!message_is_ping(text));
    check_message(text, &msg);
    check_formats(&msg);
    return 0;
}
