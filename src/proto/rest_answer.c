#include "proto/rest_answer.h"

struct json_out rest_answer_begin(struct buf *out, enum rest_style style)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    if (style != REST_BARE)
        json_out_int(&json, "error", 0);
    if (style == REST_V2) {
        json_out_str(&json, "msg", STR(""));
        json_out_object(&json, "data");
    }
    return json;
}

void rest_answer_end(struct json_out *json, enum rest_style style)
{
    if (style == REST_V2)
        json_out_end_object(json);
    json_out_end_object(json);
}

static const char *why_key(enum rest_style style)
{
    switch (style) {
    case REST_ERRMSG:
        return "errmsg";
    case REST_V2:
        return "msg";
    case REST_INFO:
    case REST_CODE:
    case REST_BARE:
        break;
    }
    return "info";
}

struct json_out rest_answer_begin_refusal(struct buf *out, enum rest_style style, int error,
                                          struct str why)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    json_out_int(&json, "error", error);
    if (style == REST_CODE)
        json_out_int(&json, "code", error);
    json_out_str(&json, why_key(style), why);
    if (style == REST_V2)
        json_out_object(&json, "data");
    return json;
}

void rest_answer_refuse(struct buf *out, enum rest_style style, int error, struct str why)
{
    struct json_out json = rest_answer_begin_refusal(out, style, error, why);

    rest_answer_end(&json, style);
}
