#include "domain/history.h"

#include "base/alloc.h"
#include "base/link.h"
#include "base/map.h"
#include "domain/history_entry.h"

#include <stdlib.h>

enum { BATCH_BYTES = 256 * 1024 };

/* What is new of one device. */
struct news {
    struct link link; /* in history->waiting */
    char id[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
    struct buf entries;
    size_t count;
};

struct history {
    struct history_config config;
    struct map *by_id;
    struct link waiting;
    size_t bytes; /* of all entries */
    size_t flying;
    bool is_awake; /* it has asked to be flushed */
};

static struct str key_of(const void *item)
{
    const struct news *news = item;

    return str_of(news->id);
}

struct history *history_new(const struct history_config *config)
{
    struct history *history = alloc_zero(sizeof *history);

    history->config = *config;
    history->by_id = map_new(key_of);
    link_init(&history->waiting);
    return history;
}

static struct news *first_news(const struct history *history)
{
    /* The analyzer does not see that what was freed has left the list. */
    return CONTAINER_OF(history->waiting.next, struct news, link); /* NOLINT(clang-analyzer-*) */
}

static void news_free(struct history *history, struct news *news)
{
    map_remove(history->by_id, str_of(news->id));
    link_remove(&news->link);
    history->bytes -= news->entries.len;
    buf_free(&news->entries);
    free(news);
}

void history_free(struct history *history)
{
    if (history == NULL)
        return;
    while (!link_is_alone(&history->waiting))
        news_free(history, first_news(history));
    map_free(history->by_id);
    free(history);
}

static void count_dropped(const struct history *history, size_t count)
{
    metric_add(history->config.metrics, METRIC_HISTORY_DROPPED, (int64_t)count);
}

/* What one owner has seen is not shown to the next. */
static struct news *news_of(struct history *history, const struct device_event *event)
{
    struct news *news = map_find(history->by_id, event->deviceid);

    if (news != NULL && !str_eq(event->owner, str_of(news->owner))) {
        count_dropped(history, news->count);
        news_free(history, news);
        news = NULL;
    }
    if (news != NULL)
        return news;
    news = alloc_zero(sizeof *news);
    str_copy(event->deviceid, news->id, sizeof news->id);
    str_copy(event->owner, news->owner, sizeof news->owner);
    link_init(&news->link);
    link_insert(&history->waiting, &news->link);
    map_put(history->by_id, news);
    return news;
}

/* Now and then, not for each entry: a device that does much would move all of them each time. */
static void trim(struct news *news, size_t keep)
{
    struct str newest;

    if (news->count < 2 * keep)
        return;
    newest = store_history_newest(buf_str(&news->entries), keep);
    buf_consume(&news->entries, news->entries.len - newest.len);
    news->count = keep;
}

static void wake(struct history *history)
{
    if (history->is_awake)
        return;
    history->is_awake = true;
    history->config.wake(history->config.ctx);
}

static void on_event(void *ctx, const struct device_event *event)
{
    struct history *history = ctx;
    struct news *news;
    size_t before;

    if (history->bytes >= HISTORY_BYTES_MAX)
        history_flush(history);
    if (history->bytes >= HISTORY_BYTES_MAX) {
        count_dropped(history, 1);
        return;
    }
    news = news_of(history, event);
    before = news->entries.len;
    history_entry_pack(&news->entries, event);
    news->count++;
    trim(news, history->config.keep);
    history->bytes += news->entries.len - before;
    wake(history);
}

struct device_watcher history_watcher(struct history *history)
{
    return (struct device_watcher){
        .kinds = DEVICE_EVENT_BIT(DEVICE_ONLINE) | DEVICE_EVENT_BIT(DEVICE_REPLACED) |
                 DEVICE_EVENT_BIT(DEVICE_OFFLINE) | DEVICE_EVENT_BIT(DEVICE_COMMAND) |
                 DEVICE_EVENT_BIT(DEVICE_SHARED) | DEVICE_EVENT_BIT(DEVICE_UNSHARED),
        .on_event = on_event,
        .ctx = history,
    };
}

/* One call of the store under way. */
struct flight {
    struct history *history;
    size_t entries;
};

static void on_appended(void *ctx, enum err err)
{
    struct flight *flight = ctx;
    struct history *history = flight->history;

    history->flying--;
    if (err == ERR_NONE)
        metric_add(history->config.metrics, METRIC_HISTORY_STORED, (int64_t)flight->entries);
    else
        count_dropped(history, flight->entries);
    free(flight);
}

/* As many as one call takes; false when the store has no room. */
static bool send_batch(struct history *history)
{
    struct store_history_part items[STORE_HISTORY_PARTS_MAX];
    struct store_history_parts parts = {.items = items, .keep = history->config.keep};
    struct flight *flight = alloc_zero(sizeof *flight);
    size_t bytes = 0;

    flight->history = history;
    for (struct link *at = history->waiting.next;
         at != &history->waiting && parts.count < STORE_HISTORY_PARTS_MAX && bytes < BATCH_BYTES;
         at = at->next) {
        const struct news *news = CONTAINER_OF(at, struct news, link);

        items[parts.count++] = (struct store_history_part){
            str_of(news->id), str_of(news->owner),
            (struct str){news->entries.ptr, news->entries.len}}; /* NOLINT(clang-analyzer-*) */
        bytes += news->entries.len;
        flight->entries += news->count;
    }
    if (store_history_append(history->config.store, history->config.mailbox, &parts, on_appended,
                             flight) != ERR_NONE) {
        free(flight);
        return false;
    }
    history->flying++;
    for (size_t i = 0; i < parts.count; i++)
        news_free(history, first_news(history));
    return true;
}

void history_flush(struct history *history)
{
    history->is_awake = false;
    while (!link_is_alone(&history->waiting))
        if (!send_batch(history)) {
            wake(history);
            return;
        }
}

bool history_is_idle(const struct history *history)
{
    return history->flying == 0;
}

enum err history_find(struct history *history, struct str id, struct str owner,
                      store_history_fn on_found, void *ctx)
{
    return store_history_find(history->config.store, history->config.mailbox, id, owner, on_found,
                              ctx);
}

enum err history_clear(struct history *history, struct str id, struct str owner,
                       store_done_fn on_done, void *ctx)
{
    return store_history_clear(history->config.store, history->config.mailbox, id, owner, on_done,
                               ctx);
}
