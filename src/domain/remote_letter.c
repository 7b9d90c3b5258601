#include "domain/remote_letter.h"

#include "base/pack.h"

static void write_json(struct buf *out, struct json_value value)
{
    pack_int(out, (int64_t)value.kind);
    pack_text(out, value.raw);
}

static struct json_value read_json(struct pack_reader *reader)
{
    struct json_value value;

    value.kind = (enum json_kind)pack_read_int(reader);
    value.raw = pack_read_text(reader);
    return value;
}

void remote_letter_write_request(struct buf *out, const struct remote_request *request)
{
    pack_int(out, (int64_t)request->kind);
    pack_text(out, request->asker);
    pack_int(out, (int64_t)request->asker_conn);
    pack_int(out, (int64_t)request->source);
    pack_text(out, request->deviceid);
    pack_text(out, request->sequence);
    write_json(out, request->params);
}

bool remote_letter_read_request(struct str body, struct remote_request *out)
{
    struct pack_reader reader = {.rest = body};
    struct remote_request request;

    request.kind = (enum command_kind)pack_read_int(&reader);
    request.asker = pack_read_text(&reader);
    request.asker_conn = (uint64_t)pack_read_int(&reader);
    request.source = (enum device_source)pack_read_int(&reader);
    request.deviceid = pack_read_text(&reader);
    request.sequence = pack_read_text(&reader);
    request.params = read_json(&reader);
    if (!pack_is_whole(&reader) || request.kind > COMMAND_QUERY ||
        request.source >= DEVICE_SOURCES || request.params.kind > JSON_NULL)
        return false;
    *out = request;
    return true;
}

void remote_letter_write_result(struct buf *out, const struct command_result *result)
{
    pack_int(out, (int64_t)result->outcome);
    pack_int(out, result->error);
    pack_int(out, result->params.ptr != NULL);
    pack_text(out, result->params);
    pack_text(out, result->ack);
}

bool remote_letter_read_result(struct str body, struct command_result *out)
{
    struct pack_reader reader = {.rest = body};
    struct command_result result = {0};
    bool has_params;

    result.outcome = (enum command_outcome)pack_read_int(&reader);
    result.error = pack_read_int(&reader);
    has_params = pack_read_int(&reader) != 0;
    result.params = pack_read_text(&reader);
    result.ack = pack_read_text(&reader);
    if (!has_params)
        result.params = STR_EMPTY;
    if (!pack_is_whole(&reader) || result.outcome > COMMAND_FAILED)
        return false;
    *out = result;
    return true;
}
