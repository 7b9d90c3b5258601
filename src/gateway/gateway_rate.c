#include "gateway/gateway_rate.h"

#include "gateway/gateway_link.h"

enum { FRAME = 1000 /* thousandths of one */, REST_MS = 100 };

static void on_rested(struct timer *timer)
{
    struct gateway_link *link = CONTAINER_OF(timer, struct gateway_link, timer);

    gateway_link_watch(link);
    if (link->state != GATEWAY_CHECKING) /* then the handshake's end resumes it */
        ws_link_resume(link->ws);
}

void gateway_rate_note(struct gateway_link *link)
{
    const struct gateway_config *config = &link->gateway->config;
    uint64_t rate = config->max_frames_per_s; /* also: thousandths of a frame in a millisecond */
    uint64_t leaked = (loop_now_ms(config->loop) - link->last_frame_ms) * rate;

    if (rate == 0 || (link->state != GATEWAY_APP && link->state != GATEWAY_DEVICE))
        return;
    link->rate_level = leaked < link->rate_level ? link->rate_level - (uint32_t)leaked : 0;
    link->rate_level += FRAME;
    if (link->rate_level <= rate * FRAME)
        return;
    metric_add(config->metrics, METRIC_LINK_REST, 1);
    ws_link_pause(link->ws);
    loop_timer_start(config->loop, &link->timer, REST_MS, on_rested);
}
