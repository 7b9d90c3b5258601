#include "server/announcer.h"

#include "base/alloc.h"

#include <stdlib.h>

enum { INTERVAL_MS = 1000 };

struct announcer {
    struct announcer_config config;
    struct timer timer;
};

static uint32_t count_links(const struct announcer *announcer)
{
    static const enum metric gauges[] = {METRIC_LINK_NEW, METRIC_LINK_APP, METRIC_LINK_DEVICE,
                                         METRIC_LINK_REJECTED};
    int64_t links = 0;

    for (size_t i = 0; i < sizeof gauges / sizeof gauges[0]; i++)
        links += metric_total(announcer->config.metrics, announcer->config.metric_count, gauges[i]);
    return links > 0 ? (uint32_t)links : 0;
}

static void announce(struct announcer *announcer)
{
    struct bus_event event = {.topic = BUS_NODE_ANNOUNCED};

    announcer->config.node.links = count_links(announcer);
    event.node = announcer->config.node;
    if (bus_publish(announcer->config.bus, &event) == ERR_NONE)
        return;
    metric_add(announcer->config.own_metrics, METRIC_QUEUE_DROP_BUS, 1);
    log_warn(announcer->config.log, "node.unannounced", "node=%s reason=\"the bus is full\"",
             event.node.id);
}

static void on_due(struct timer *timer)
{
    struct announcer *announcer = CONTAINER_OF(timer, struct announcer, timer);

    announce(announcer);
    loop_timer_start(announcer->config.loop, timer, INTERVAL_MS, on_due);
}

struct announcer *announcer_new(const struct announcer_config *config)
{
    struct announcer *announcer = alloc_zero(sizeof *announcer);

    announcer->config = *config;
    on_due(&announcer->timer);
    return announcer;
}

void announcer_free(struct announcer *announcer)
{
    if (announcer == NULL)
        return;
    timer_stop(&announcer->timer);
    free(announcer);
}

void announcer_drain(struct announcer *announcer)
{
    announcer->config.node.draining = true;
    announce(announcer);
}
