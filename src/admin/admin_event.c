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

static void publish(struct timer *timer)
{
    struct notice *notice = CONTAINER_OF(timer, struct notice, timer);
    const struct admin_config *config = admin_call_config(notice->call);
    enum err err = bus_publish(config->bus, &notice->event);

    if (err && ++notice->tries < MAX_TRIES) {
        loop_timer_start(config->loop, timer, AGAIN_MS, publish);
        return;
    }
    if (err)
        admin_call_refuse(notice->call, err, "run the same again, so that it counts at once",
                          "it is committed, but a worker is too busy to be told: %s",
                          err_text(err));
    else
        admin_call_finish(notice->call);
    free(notice);
}

void admin_event_publish_and_finish(struct admin_call *call, const struct bus_event *event)
{
    struct notice *notice = alloc_zero(sizeof *notice);

    notice->call = call;
    notice->event = *event;
    publish(&notice->timer);
}
