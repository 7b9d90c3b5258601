#include "domain/order.h"

#include "base/alloc.h"
#include "base/link.h"
#include "domain/remote.h"

#include <stdlib.h>

/* Any worker finds the way to the owner's home. */
enum { WORKER = 0 };

struct call {
    struct mail mail;
    struct accounts *accounts; /* of the worker that asks */
    struct mailbox *reply;
    struct order order; /* its texts look into text[] */
    enum command_outcome outcome;
    int64_t error;
    order_fn on_done;
    void *ctx;
    char text[];
};

static void on_answer(struct mail *mail)
{
    struct call *call = CONTAINER_OF(mail, struct call, mail);

    call->on_done(call->ctx, call->outcome, call->error);
    free(call);
}

static void answer(struct call *call, enum command_outcome outcome, int64_t error)
{
    call->outcome = outcome;
    call->error = error;
    call->mail.on_mail = on_answer;
    mailbox_post(call->reply, &call->mail);
}

static void on_result(void *ctx, const struct command_result *result)
{
    answer(ctx, result->outcome, result->error);
}

static void on_order(struct mail *mail)
{
    struct call *call = CONTAINER_OF(mail, struct call, mail);
    struct remote_call *asked;
    const struct remote_command command = {
        .kind = call->order.kind,
        .asker = call->order.owner,
        .source = DEVICE_SOURCE_OPERATOR,
        .owner = call->order.owner,
        .request = {.deviceid = call->order.deviceid, .params = call->order.params},
        .on_result = on_result,
        .ctx = call,
    };
    enum err err = remote_command(call->accounts, &command, &asked);

    if (err != ERR_NONE)
        answer(call, err == ERR_INVALID ? COMMAND_INVALID : COMMAND_BUSY, 0);
}

void order_give(const struct roll_call *workers, struct mailbox *reply, const struct order *order,
                order_fn on_done, void *ctx)
{
    struct call *call =
        alloc_zero(sizeof *call + order->deviceid.len + order->owner.len + order->params.raw.len);
    char *at = call->text;

    call->accounts = workers->accounts[WORKER];
    call->reply = reply;
    call->order = *order;
    call->order.deviceid = str_place(&at, order->deviceid);
    call->order.owner = str_place(&at, order->owner);
    call->order.params.raw = str_place(&at, order->params.raw);
    call->on_done = on_done;
    call->ctx = ctx;
    call->mail.on_mail = on_order;
    mailbox_post(workers->mailboxes[WORKER], &call->mail);
}
