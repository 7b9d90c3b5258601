#include "proto/dispatch_message.h"

#include "proto/wire_in.h"
#include "proto/wire_out.h"

#include "base/json.h"
#include "base/json_out.h"

enum { NONCE_MAX = 64 };

static struct str nonce_of(struct json_value value)
{
    struct str nonce = wire_in_text_or_number(value);

    return nonce.len <= NONCE_MAX ? nonce : STR_EMPTY;
}

enum err dispatch_message_parse(struct str body, struct dispatch_request *out)
{
    struct json_member members[DISPATCH_MAX_MEMBERS];
    size_t count = 0;
    enum err err = ERR_NONE;

    if (str_trim(body).len > 0)
        err = json_scan_object(body, members, DISPATCH_MAX_MEMBERS, &count);
    if (err)
        return err;
    *out = (struct dispatch_request){
        .accept = wire_in_text(json_find(members, count, STR("accept"))),
        .version = wire_in_digits(json_find(members, count, STR("version"))),
        .appid = wire_in_text(json_find(members, count, STR("appid"))),
        .ts = wire_in_digits(json_find(members, count, STR("ts"))),
        .nonce = nonce_of(json_find(members, count, STR("nonce"))),
        .deviceid = wire_in_text(json_find(members, count, STR("deviceid"))),
        .apikey = wire_in_text(json_find(members, count, STR("apikey"))),
    };
    return ERR_NONE;
}

bool dispatch_message_accepts_ws(struct str accept)
{
    struct str item;
    struct str name;

    while (str_split(&accept, ',', &item))
        if (str_split(&item, ';', &name) && str_eq(str_trim(name), STR("ws")))
            return true;
    return false;
}

/* The nonce stands as it was sent, so it is not escaped again. */
static void put_requestid(struct buf *out, const struct dispatch_answer *answer)
{
    if (answer->ts.len == 0 || answer->nonce.len == 0)
        return;
    buf_append(out, STR(",\"requestid\":\""));
    buf_append(out, answer->ts);
    wire_out_text(out, STR("-"), answer->nonce);
}

void dispatch_message_format_app(struct buf *out, const struct dispatch_answer *answer)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    if (answer->error == 0)
        json_out_int(&json, "port", answer->port);
    else
        json_out_int(&json, "error", answer->error);
    json_out_str(&json, "reason", answer->reason);
    if (answer->error == 0) {
        json_out_str(&json, "IP", answer->ip);
        json_out_int(&json, "error", 0);
        json_out_str(&json, "domain", answer->domain);
    }
    put_requestid(out, answer);
    json_out_end_object(&json);
}

void dispatch_message_format_device(struct buf *out, const struct dispatch_answer *answer)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    json_out_int(&json, "error", answer->error);
    json_out_str(&json, "reason", answer->reason);
    if (answer->error == 0) {
        json_out_str(&json, "IP", answer->ip);
        json_out_int(&json, "port", answer->port);
    }
    json_out_end_object(&json);
}
