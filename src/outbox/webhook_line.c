#include "outbox/webhook_line.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "outbox/webhook_post.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    EVENTS_PER_POST = 100,
    DOUBLINGS_MAX = 20, /* any limit is reached before */
};

enum state { RESTING, READING, SENDING, ENDING, WAITING };

struct webhook_line {
    struct link link;
    struct webhook_lines *lines;
    struct webhook_record webhook;
    enum state state;
    bool is_poked;   /* while it was reading: there may be more than it has seen */
    bool is_removed; /* goes when what is under way is over */
    struct timer timer;
    struct buf body; /* of the POST under way */
    uint64_t count;  /* events in it */
    uint64_t through;
    uint64_t expired; /* the last of those that are too old; 0: none is */
    struct webhook_line_status status;
};

struct webhook_line *webhook_line_new(struct webhook_lines *lines,
                                      const struct webhook_record *webhook)
{
    struct webhook_line *line = alloc_zero(sizeof *line);

    link_init(&line->link);
    line->lines = lines;
    line->webhook = *webhook;
    return line;
}

static void line_free(struct webhook_line *line)
{
    link_remove(&line->link);
    timer_stop(&line->timer);
    buf_free(&line->body);
    crypto_wipe(&line->webhook, sizeof line->webhook);
    free(line);
}

bool webhook_line_is_idle(const struct webhook_line *line)
{
    return line->state == RESTING || line->state == WAITING;
}

void webhook_line_remove(struct webhook_line *line)
{
    link_remove(&line->link);
    if (webhook_line_is_idle(line))
        line_free(line);
    else
        line->is_removed = true;
}

const struct webhook_record *webhook_line_webhook(const struct webhook_line *line)
{
    return &line->webhook;
}

struct link *webhook_line_link(struct webhook_line *line)
{
    return &line->link;
}

struct webhook_line *webhook_line_of(struct link *link)
{
    return CONTAINER_OF(link, struct webhook_line, link);
}

void webhook_line_tell_status(const struct webhook_line *line, struct webhook_line_status *out)
{
    *out = line->status;
}

/* A step is over: false when there is no next one, and the line may be gone. */
static bool goes_on(struct webhook_line *line)
{
    if (line->is_removed) {
        line_free(line);
        return false;
    }
    line->state = RESTING;
    return !line->lines->is_stopping;
}

static void read_queue(struct webhook_line *line);

static void on_due(struct timer *timer)
{
    struct webhook_line *line = CONTAINER_OF(timer, struct webhook_line, timer);

    pthread_mutex_lock(&line->lines->lock);
    line->status.retry_ms = 0;
    pthread_mutex_unlock(&line->lines->lock);
    read_queue(line);
}

/* Between half of it and all of it: those who failed together do not come back together. */
static uint64_t delay_ms(const struct webhook_line *line)
{
    const struct webhook_lines *lines = line->lines;
    unsigned doublings = line->status.failures < 1 ? 0 : line->status.failures - 1;
    uint64_t delay = lines->max_retry_ms;

    if (doublings < DOUBLINGS_MAX && lines->retry_ms << doublings < delay)
        delay = lines->retry_ms << doublings;
    return delay / 2 + crypto_random_u64() % (delay / 2 + 1);
}

/* After a failure. */
static void wait_a_while(struct webhook_line *line)
{
    uint64_t delay;

    if (!goes_on(line))
        return;
    delay = delay_ms(line);
    line->state = WAITING;
    pthread_mutex_lock(&line->lines->lock);
    line->status.retry_ms = loop_wall_ms(line->lines->loop) + (int64_t)delay;
    pthread_mutex_unlock(&line->lines->lock);
    loop_timer_start(line->lines->loop, &line->timer, delay, on_due);
}

static void on_ended(void *ctx, enum err err)
{
    struct webhook_line *line = ctx;

    if (err != ERR_NONE && err != ERR_NOT_FOUND) {
        wait_a_while(line);
        return;
    }
    if (err == ERR_NONE)
        metric_add(line->lines->metrics,
                   line->expired > 0 ? METRIC_WEBHOOK_DROPPED : METRIC_WEBHOOK_TOLD,
                   (int64_t)line->count);
    if (goes_on(line) && err == ERR_NONE) /* not found: removed, which we will be told */
        read_queue(line);
}

/* Takes what was told, or is too old, out of the queue. */
static void end_events(struct webhook_line *line)
{
    const struct webhook_lines *lines = line->lines;
    struct webhook_end end = {
        .through = line->expired > 0 ? line->expired : line->through,
        .is_dropped = line->expired > 0,
    };

    str_copy(str_of(line->webhook.id), end.id, sizeof end.id);
    line->state = ENDING;
    if (store_webhook_end(lines->store, loop_mailbox(lines->loop), &end, on_ended, line))
        wait_a_while(line);
}

static void note_success(struct webhook_line *line)
{
    pthread_mutex_lock(&line->lines->lock);
    line->status = (struct webhook_line_status){.told_ms = loop_wall_ms(line->lines->loop)};
    pthread_mutex_unlock(&line->lines->lock);
}

static void note_failure(struct webhook_line *line, const struct parcel_result *result)
{
    struct webhook_line_status *status = &line->status;

    pthread_mutex_lock(&line->lines->lock);
    status->failures++;
    status->last_error = result->status;
    memcpy(status->reason, result->reason, sizeof status->reason);
    pthread_mutex_unlock(&line->lines->lock);
    metric_add(line->lines->metrics, METRIC_WEBHOOK_FAILED, 1);
    log_warn(line->lines->log, "webhook.failed", "webhook=%s failures=%u status=%u reason=\"%s\"",
             line->webhook.id, status->failures, result->status, result->reason);
}

static void on_result(void *ctx, const struct parcel_result *result)
{
    struct webhook_line *line = ctx;

    if (result->err == ERR_NONE) {
        note_success(line);
        end_events(line);
        return;
    }
    note_failure(line, result);
    wait_a_while(line);
}

static void send_events(struct webhook_line *line)
{
    const struct webhook_lines *lines = line->lines;
    struct str body = buf_str(&line->body);
    struct webhook_post_headers headers;
    struct parcel parcel;

    webhook_post_sign(&line->webhook, loop_wall_ms(lines->loop), body, &headers);
    parcel = webhook_post_parcel(&line->webhook, body, &headers);
    line->state = SENDING;
    if (outbox_send(lines->outbox, NULL, &parcel, on_result, line))
        wait_a_while(line);
}

static void note_event(struct webhook_line *line, const struct webhook_waiting *event)
{
    const struct webhook_lines *lines = line->lines;
    int64_t age_ms = loop_wall_ms(lines->loop) - event->at_ms;

    if (line->through == 0 && age_ms > (int64_t)lines->max_age_ms) {
        line->expired = event->number;
        line->count++;
        return;
    }
    if (line->expired > 0)
        return; /* another time: the old ones go first */
    webhook_post_add(&line->body, event->number, str_of(event->body));
    line->through = event->number;
    line->count++;
}

static void on_event(void *ctx, enum err err, const struct webhook_waiting *event)
{
    struct webhook_line *line = ctx;

    if (event != NULL) {
        note_event(line, event);
        return;
    }
    if (err != ERR_NONE) {
        wait_a_while(line);
        return;
    }
    if (!goes_on(line))
        return;
    webhook_post_end(&line->body);
    if (line->expired > 0)
        end_events(line);
    else if (line->count > 0)
        send_events(line);
    else if (line->is_poked)
        read_queue(line);
}

static void read_queue(struct webhook_line *line)
{
    const struct webhook_lines *lines = line->lines;

    line->is_poked = false;
    line->through = line->expired = line->count = 0;
    webhook_post_begin(&line->body, line->webhook.id);
    line->state = READING;
    if (store_webhook_read(lines->store, loop_mailbox(lines->loop), str_of(line->webhook.id),
                           EVENTS_PER_POST, on_event, line))
        wait_a_while(line);
}

void webhook_line_poke(struct webhook_line *line)
{
    line->is_poked = true;
    if (line->state == RESTING && !line->lines->is_stopping)
        read_queue(line);
}

void webhook_line_stop(struct webhook_line *line)
{
    timer_stop(&line->timer);
    if (line->state == WAITING)
        line->state = RESTING;
}
