#include "domain/roll_call.h"

#include "base/alloc.h"
#include "base/link.h"

#include <stdlib.h>

struct call;

/* One worker's question, and on the way back its answer. */
struct leg {
    struct mail mail;
    struct call *call;
    size_t worker;
};

struct call {
    const struct roll_call *workers;
    struct mailbox *reply;
    roll_call_fn ask;
    roll_call_done_fn on_done;
    void *ctx;
    size_t missing; /* answers; the asking thread's */
    struct leg legs[ROLL_CALL_MAX_WORKERS];
    struct buf answers[ROLL_CALL_MAX_WORKERS];
};

static void on_answer(struct mail *mail)
{
    struct call *call = CONTAINER_OF(mail, struct leg, mail)->call;

    if (--call->missing > 0)
        return;
    call->on_done(call->ctx, call->answers, call->workers->count);
    for (size_t i = 0; i < call->workers->count; i++)
        buf_free(&call->answers[i]);
    free(call);
}

static void on_question(struct mail *mail)
{
    struct leg *leg = CONTAINER_OF(mail, struct leg, mail);
    struct call *call = leg->call;

    call->ask(call->ctx, leg->worker, call->workers->accounts[leg->worker],
              &call->answers[leg->worker]);
    leg->mail.on_mail = on_answer;
    mailbox_post(call->reply, &leg->mail);
}

void roll_call_ask(const struct roll_call *workers, struct mailbox *reply, roll_call_fn ask,
                   roll_call_done_fn on_done, void *ctx)
{
    struct call *call = alloc_zero(sizeof *call);

    call->workers = workers;
    call->reply = reply;
    call->ask = ask;
    call->on_done = on_done;
    call->ctx = ctx;
    call->missing = workers->count;
    for (size_t i = 0; i < workers->count; i++) {
        call->legs[i].mail.on_mail = on_question;
        call->legs[i].call = call;
        call->legs[i].worker = i;
    }
    for (size_t i = 0; i < workers->count; i++)
        mailbox_post(workers->mailboxes[i], &call->legs[i].mail);
}
