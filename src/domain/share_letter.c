#include "domain/share_letter.h"

#include "base/pack.h"

void share_letter_write_request(struct buf *out, const struct share_request *request)
{
    pack_int(out, (int64_t)request->verb);
    pack_text(out, request->owner);
    pack_text(out, request->deviceid);
    pack_text(out, request->account);
    pack_text(out, request->name);
    pack_text(out, request->user_name);
    pack_text(out, request->note);
    pack_int(out, request->permit);
    pack_int(out, request->share_time);
    pack_int(out, request->is_forced);
}

bool share_letter_read_request(struct str body, struct share_request *out)
{
    struct pack_reader reader = {.rest = body};
    struct share_request request;

    request.verb = (enum share_verb)pack_read_int(&reader);
    request.owner = pack_read_text(&reader);
    request.deviceid = pack_read_text(&reader);
    request.account = pack_read_text(&reader);
    request.name = pack_read_text(&reader);
    request.user_name = pack_read_text(&reader);
    request.note = pack_read_text(&reader);
    request.permit = pack_read_int(&reader);
    request.share_time = pack_read_int(&reader);
    request.is_forced = pack_read_int(&reader) != 0;
    if (!pack_is_whole(&reader) || request.verb > SHARE_END)
        return false;
    *out = request;
    return true;
}

void share_letter_write_outcome(struct buf *out, enum share_outcome outcome)
{
    pack_int(out, (int64_t)outcome);
}

bool share_letter_read_outcome(struct str body, enum share_outcome *out)
{
    struct pack_reader reader = {.rest = body};
    enum share_outcome outcome = (enum share_outcome)pack_read_int(&reader);

    if (!pack_is_whole(&reader) || outcome > SHARE_FAILED)
        return false;
    *out = outcome;
    return true;
}
