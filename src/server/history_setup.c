#include "server/history_setup.h"

static void on_due(struct timer *timer)
{
    history_flush(CONTAINER_OF(timer, struct history_setup, timer)->history);
}

static void wake(void *ctx)
{
    struct history_setup *setup = ctx;

    loop_timer_start(setup->loop, &setup->timer, setup->flush_ms, on_due);
}

void history_setup_init(struct history_setup *setup, const struct config *options,
                        const struct history_setup_desk *desk)
{
    const struct history_config config = {
        .store = desk->store,
        .mailbox = loop_mailbox(desk->loop),
        .metrics = desk->metrics,
        .keep = options->history_keep,
        .wake = wake,
        .ctx = setup,
    };

    *setup = (struct history_setup){.loop = desk->loop, .flush_ms = options->history_flush};
    setup->history = history_new(&config);
    if (config.keep == 0)
        return;

    struct device_watcher watcher = history_watcher(setup->history);

    device_event_watch(desk->watchers, &watcher);
}

void history_setup_fini(struct history_setup *setup)
{
    timer_stop(&setup->timer);
    history_free(setup->history);
}
