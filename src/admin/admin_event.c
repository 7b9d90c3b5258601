#include "admin/admin_event.h"

#include "base/alloc.h"

#include <stdlib.h>

enum { AGAIN_MS = 50, MAX_TRIES = 40 };

struct notice {
    struct timer timer;
    struct admin_call *call;
    struct bus_event event;
    int tries;
};

/* It stands in each worker's mailbox behind the event: who answers it has heard. */
static void ask_nothing(void *ctx, size_t worker, struct accounts *accounts, struct buf *out)
{
    (void)ctx;
    (void)worker;
    (void)accounts;
    (void)out;
}

static void on_all_heard(void *ctx, const struct buf *answers, size_t count)
{
    (void)answers;
    (void)count;
    admin_call_finish(ctx);
}

static void publish(struct timer *timer)
{
    struct notice *notice = CONTAINER_OF(timer, struct notice, timer);
    const struct admin_config *config = admin_call_config(notice->call);
    enum err err = bus_publish(config->bus, &notice->event);

    if (err)
        metric_add(config->own_metrics, METRIC_QUEUE_DROP_BUS, 1);
    if (err && ++notice->tries < MAX_TRIES) {
        loop_timer_start(config->loop, timer, AGAIN_MS, publish);
        return;
    }
    if (err)
        admin_call_refuse(notice->call, err, "run the same again, so that it counts at once",
                          "it is committed, but a worker is too busy to be told: %s",
                          err_text(err));
    else
        roll_call_ask(config->workers, admin_call_mailbox(notice->call), ask_nothing, on_all_heard,
                      notice->call);
    free(notice);
}

void admin_event_publish_and_finish(struct admin_call *call, const struct bus_event *event)
{
    struct notice *notice = alloc_zero(sizeof *notice);

    notice->call = call;
    notice->event = *event;
    publish(&notice->timer);
}
