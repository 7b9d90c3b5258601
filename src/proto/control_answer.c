#include "proto/control_answer.h"

#include "base/json.h"

#include <assert.h>
#include <string.h>

enum { MAX_OUTER = 8 };

struct json_out control_answer_begin(struct buf *buf, enum control_answer_kind kind)
{
    struct json_out out = json_out_to(buf);

    json_out_object(&out, NULL);
    if (kind == CONTROL_OK)
        json_out_bool(&out, "ok", true);
    if (kind == CONTROL_ROW)
        json_out_object(&out, "row");
    else
        json_out_object(&out, kind == CONTROL_OK ? "result" : "error");
    return out;
}

void control_answer_end(struct json_out *out)
{
    json_out_end_object(out);
    json_out_end_object(out);
}

void control_answer_row(struct buf *buf, struct str object)
{
    struct json_out out = json_out_to(buf);

    json_out_object(&out, NULL);
    json_out_raw(&out, "row", object);
    json_out_end_object(&out);
}

void control_answer_code(enum err err, char out[CONTROL_CODE_CAP])
{
    static const char *const NAMES[] = {
#define ERR(name, text) #name,
#include "base/err.def"
#undef ERR
    };
    struct str name = str_of(NAMES[err]);

    assert(name.len < CONTROL_CODE_CAP);
    for (size_t i = 0; i <= name.len; i++)
        out[i] = name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? (char)(name.ptr[i] - 'A' + 'a')
                                                          : name.ptr[i];
}

void control_answer_refusal(struct json_out *out, const struct control_refusal *refusal)
{
    char code[CONTROL_CODE_CAP];

    control_answer_code(refusal->err, code);
    json_out_str(out, "code", str_of(code));
    json_out_str(out, "text", str_of(refusal->text));
    if (refusal->hint[0] != '\0')
        json_out_str(out, "hint", str_of(refusal->hint));
}

enum err control_answer_parse(struct str line, struct control_answer *out)
{
    struct json_member outer[MAX_OUTER];
    struct json_value row;
    struct json_value result;
    struct json_value error;
    size_t count;

    if (json_scan_object(line, outer, MAX_OUTER, &count))
        return ERR_INVALID;
    row = json_find(outer, count, STR("row"));
    result = json_find(outer, count, STR("result"));
    error = json_find(outer, count, STR("error"));
    if (row.kind == JSON_OBJECT)
        *out = (struct control_answer){CONTROL_ROW, row.raw};
    else if (error.kind == JSON_OBJECT)
        *out = (struct control_answer){CONTROL_REFUSED, error.raw};
    else if (result.kind == JSON_OBJECT && json_find(outer, count, STR("ok")).kind == JSON_TRUE)
        *out = (struct control_answer){CONTROL_OK, result.raw};
    else
        return ERR_INVALID;
    return ERR_NONE;
}
