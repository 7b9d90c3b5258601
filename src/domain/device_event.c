#include "domain/device_event.h"

#include <assert.h>

void device_event_watch(struct device_watchers *watchers, const struct device_watcher *watcher)
{
    assert(watchers->count < DEVICE_WATCHERS_MAX);
    watchers->items[watchers->count++] = *watcher;
    watchers->kinds |= watcher->kinds;
}

void device_event_tell(const struct device_watchers *watchers, const struct device_event *event)
{
    unsigned bit = DEVICE_EVENT_BIT(event->kind);

    if (watchers == NULL)
        return;
    for (size_t i = 0; i < watchers->count; i++)
        if ((watchers->items[i].kinds & bit) != 0)
            watchers->items[i].on_event(watchers->items[i].ctx, event);
}

const char *device_event_name(enum device_event_kind kind)
{
    static const char *const names[] = {
        [DEVICE_ONLINE] = "online",     [DEVICE_REPLACED] = "replaced",
        [DEVICE_OFFLINE] = "offline",   [DEVICE_UPDATE] = "update",
        [DEVICE_COMMAND] = "command",   [DEVICE_SHARED] = "shared",
        [DEVICE_UNSHARED] = "unshared", [DEVICE_ADDED] = "added",
        [DEVICE_REMOVED] = "removed",   [DEVICE_RENAMED] = "renamed",
    };

    static_assert(sizeof names / sizeof names[0] == DEVICE_EVENT_KINDS, "a name each");
    return names[kind];
}

const char *device_event_loss_name(enum device_loss loss)
{
    static const char *const names[] = {
        [DEVICE_LOSS_CLOSED] = "closed",   [DEVICE_LOSS_IDLE] = "idle",
        [DEVICE_LOSS_SLOW] = "slow",       [DEVICE_LOSS_PROTOCOL] = "protocol",
        [DEVICE_LOSS_KICKED] = "kicked",   [DEVICE_LOSS_REVOKED] = "revoked",
        [DEVICE_LOSS_STOPPED] = "stopped", [DEVICE_LOSS_FAILED] = "failed",
    };

    static_assert(sizeof names / sizeof names[0] == DEVICE_LOSSES, "a name each");
    return names[loss];
}

const char *device_event_source_name(enum device_source source)
{
    static const char *const names[] = {
        [DEVICE_SOURCE_APP] = "app",
        [DEVICE_SOURCE_DEVICE] = "device",
        [DEVICE_SOURCE_REST] = "rest",
        [DEVICE_SOURCE_OPERATOR] = "operator",
    };

    static_assert(sizeof names / sizeof names[0] == DEVICE_SOURCES, "a name each");
    return names[source];
}
