#include "domain/share.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "domain/remote_letter.h"
#include "domain/share_letter.h"
#include "store/store_record.h"

#include <stdlib.h>

enum { GRACE_MS = 3000 }; /* for the ways there and back, and the store */

struct share_call {
    struct relay_call *letter;
    share_fn on_outcome;
    void *ctx;
};

static void on_answer(void *ctx, enum err err, struct str body)
{
    struct share_call *call = ctx;
    enum share_outcome outcome = SHARE_FAILED;

    if (err == ERR_NONE && !share_letter_read_outcome(body, &outcome))
        outcome = SHARE_FAILED;
    call->on_outcome(call->ctx, outcome);
    free(call);
}

static bool is_sound(const struct share_request *request)
{
    return request->owner.len > 0 && request->owner.len < STORE_APIKEY_CAP &&
           request->deviceid.len > 0 && request->deviceid.len < STORE_DEVICE_ID_CAP &&
           request->account.len > 0 && request->account.len < STORE_ACCOUNT_CAP &&
           request->name.len < STORE_NAME_CAP && request->user_name.len < STORE_NAME_CAP &&
           request->note.len < STORE_NAME_CAP && request->permit <= UINT32_MAX;
}

enum err share_ask(struct relay_desk *desk, const struct share_question *question,
                   struct share_call **out)
{
    struct buf body = BUF_EMPTY;
    struct share_call *call;
    struct relay_question letter = {
        .letter = {.account = question->request.owner, .kind = REMOTE_SHARE},
        .deadline_ms = question->answer_ms + GRACE_MS,
        .on_answer = on_answer,
    };
    enum err err;

    if (!is_sound(&question->request))
        return ERR_INVALID;
    call = alloc_zero(sizeof *call);
    call->on_outcome = question->on_outcome;
    call->ctx = question->ctx;
    share_letter_write_request(&body, &question->request);
    letter.letter.body = buf_str(&body);
    letter.ctx = call;
    err = relay_ask(desk, &letter, &call->letter);
    buf_free(&body);
    if (err == ERR_NONE)
        *out = call;
    else
        free(call);
    return err;
}

void share_cancel(struct share_call *call)
{
    relay_cancel(call->letter);
    free(call);
}
