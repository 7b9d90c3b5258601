#include "outbox/outbox.h"

#include "base/alloc.h"
#include "outbox/courier.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

struct outbox {
    struct outbox_config config;
    struct loop *loop;
    struct courier *courier;
    struct outbox_guest guest;
    atomic_size_t waiting;
    pthread_t thread;
    bool is_running;
    bool is_ending; /* from here on the thread's */
    uint64_t linger_ms;
    struct timer deadline;
    struct mail end;
};

/* A parcel from its sender to the thread, and the result back. */
struct errand {
    struct mail mail;
    struct outbox *outbox;
    struct mailbox *reply;
    struct parcel *parcel; /* owned until it is under way */
    parcel_done_fn on_done;
    void *ctx;
    struct parcel_result result;
};

enum err outbox_open(const struct outbox_config *config, struct problem *problem,
                     struct outbox **out)
{
    struct outbox *outbox = alloc_zero(sizeof *outbox);
    const struct courier_config courier = {
        .loop = outbox->loop = loop_new(),
        .limits = {.connect_ms = (long)config->connect_ms,
                   .total_ms = (long)config->total_ms,
                   .ca_file = config->ca_file,
                   .proxy = config->proxy},
        .max_connections = (long)config->max_connections,
    };

    curl_global_init(CURL_GLOBAL_DEFAULT);
    outbox->config = *config;
    outbox->courier = courier_new(&courier);
    if (outbox->courier == NULL) {
        outbox_close(outbox);
        return problem_set(problem, ERR_UNAVAILABLE, 0,
                           "libcurl lacks HTTP, SMTP, TLS or asynchronous names: install another");
    }
    *out = outbox;
    return ERR_NONE;
}

void outbox_set_guest(struct outbox *outbox, const struct outbox_guest *guest)
{
    outbox->guest = *guest;
}

struct loop *outbox_loop(struct outbox *outbox)
{
    return outbox->loop;
}

static bool is_done(const struct outbox *outbox)
{
    const struct outbox_guest *guest = &outbox->guest;

    return outbox->is_ending && courier_count(outbox->courier) == 0 &&
           (guest->is_idle == NULL || guest->is_idle(guest->ctx));
}

static void *run(void *ctx)
{
    struct outbox *outbox = ctx;

    while (!is_done(outbox))
        loop_turn(outbox->loop, -1);
    return NULL;
}

/* Signals are the main thread's. */
enum err outbox_start(struct outbox *outbox)
{
    sigset_t all;
    sigset_t before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&outbox->thread, NULL, run, outbox);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0)
        return ERR_UNAVAILABLE;
    pthread_setname_np(outbox->thread, "outbox");
    outbox->is_running = true;
    return ERR_NONE;
}

static void on_deadline(struct timer *timer)
{
    courier_cancel(CONTAINER_OF(timer, struct outbox, deadline)->courier);
}

static void on_end(struct mail *mail)
{
    struct outbox *outbox = CONTAINER_OF(mail, struct outbox, end);

    outbox->is_ending = true;
    if (outbox->guest.on_end != NULL)
        outbox->guest.on_end(outbox->guest.ctx);
    if (outbox->linger_ms == 0)
        courier_cancel(outbox->courier);
    else
        loop_timer_start(outbox->loop, &outbox->deadline, outbox->linger_ms, on_deadline);
}

void outbox_end(struct outbox *outbox, uint64_t linger_ms)
{
    if (outbox == NULL || outbox->is_ending)
        return;
    outbox->linger_ms = linger_ms;
    outbox->end.on_mail = on_end;
    mailbox_post(loop_mailbox(outbox->loop), &outbox->end);
    if (outbox->is_running)
        pthread_join(outbox->thread, NULL);
    else
        run(outbox);
    outbox->is_running = false;
}

void outbox_close(struct outbox *outbox)
{
    if (outbox == NULL)
        return;
    assert(!outbox->is_running);
    timer_stop(&outbox->deadline);
    courier_free(outbox->courier);
    loop_free(outbox->loop);
    curl_global_cleanup();
    free(outbox);
}

static void tell(struct errand *errand)
{
    if (errand->on_done != NULL)
        errand->on_done(errand->ctx, &errand->result);
    free(errand);
}

static void on_told(struct mail *mail)
{
    tell(CONTAINER_OF(mail, struct errand, mail));
}

static void count_result(struct outbox *outbox, const struct parcel_result *result)
{
    metric_add(outbox->config.metrics,
               result->err == ERR_NONE ? METRIC_OUTBOX_SENT : METRIC_OUTBOX_FAILED, 1);
    metric_add(outbox->config.metrics, METRIC_OUTBOX_WAITING, -1);
}

static void on_result(void *ctx, const struct parcel_result *result)
{
    struct errand *errand = ctx;
    struct outbox *outbox = errand->outbox;

    count_result(outbox, result);
    atomic_fetch_sub(&outbox->waiting, 1);
    errand->result = *result;
    errand->mail.on_mail = on_told;
    if (errand->reply == NULL)
        tell(errand);
    else
        mailbox_post(errand->reply, &errand->mail);
}

static void on_errand(struct mail *mail)
{
    struct errand *errand = CONTAINER_OF(mail, struct errand, mail);
    struct parcel *parcel = errand->parcel;

    errand->parcel = NULL;
    metric_add(errand->outbox->config.metrics, METRIC_OUTBOX_WAITING, 1);
    courier_send(errand->outbox->courier, parcel, on_result, errand);
}

static bool take_place(struct outbox *outbox)
{
    if (atomic_fetch_add(&outbox->waiting, 1) < outbox->config.max_waiting)
        return true;
    atomic_fetch_sub(&outbox->waiting, 1);
    return false;
}

enum err outbox_send(struct outbox *outbox, struct mailbox *reply, const struct parcel *parcel,
                     parcel_done_fn on_done, void *ctx)
{
    struct errand *errand;

    if (!parcel_is_valid(parcel))
        return ERR_INVALID;
    if (!take_place(outbox))
        return ERR_FULL;
    errand = alloc_zero(sizeof *errand);
    errand->outbox = outbox;
    errand->reply = reply;
    errand->parcel = parcel_copy(parcel);
    errand->on_done = on_done;
    errand->ctx = ctx;
    errand->mail.on_mail = on_errand;
    mailbox_post(loop_mailbox(outbox->loop), &errand->mail);
    return ERR_NONE;
}
