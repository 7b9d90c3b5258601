#include "domain/webhook_watcher.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/json_out.h"

/* What a webhook calls it, and which of its kinds it is; type NULL: none is told. */
static const struct {
    const char *type;
    unsigned kind;
} types[DEVICE_EVENT_KINDS] = {
    [DEVICE_ONLINE] = {"online", WEBHOOKS_ONLINE},
    [DEVICE_OFFLINE] = {"offline", WEBHOOKS_OFFLINE},
    [DEVICE_UPDATE] = {"update", WEBHOOKS_UPDATE},
    [DEVICE_SHARED] = {"share", WEBHOOKS_SHARE},
    [DEVICE_UNSHARED] = {"unshare", WEBHOOKS_SHARE},
    [DEVICE_ADDED] = {"add", WEBHOOKS_DEVICE},
    [DEVICE_REMOVED] = {"remove", WEBHOOKS_DEVICE},
    [DEVICE_RENAMED] = {"rename", WEBHOOKS_DEVICE},
};

static void put_text(struct json_out *json, const char *key, struct str text)
{
    if (text.len > 0)
        json_out_str(json, key, text);
}

/* A change that is larger than any stored state can be (it holds white space, say) is left out. */
static void put_update(struct json_out *json, const struct device_event *event)
{
    json_out_str(json, "source", str_of(device_event_source_name(event->source)));
    json_out_bool(json, "changed", event->is_change);
    if (event->params.len <= STORE_PARAMS_MAX)
        json_out_raw(json, "params", event->params);
    else
        json_out_null(json, "params");
}

static void format(const struct device_event *event, struct buf *out)
{
    char id[CRYPTO_UUID_CAP];
    char at[CLOCK_ISO_CAP];
    struct json_out json;

    buf_clear(out);
    json = json_out_to(out);
    crypto_uuid(id);
    clock_format_iso(event->at_ms, at);
    json_out_object(&json, NULL);
    json_out_str(&json, "id", str_of(id));
    json_out_str(&json, "type", str_of(types[event->kind].type));
    json_out_str(&json, "at", str_of(at));
    json_out_str(&json, "deviceid", event->deviceid);
    json_out_str(&json, "apikey", event->owner);
    if (event->kind == DEVICE_OFFLINE)
        json_out_str(&json, "reason", str_of(device_event_loss_name(event->loss)));
    if (event->kind == DEVICE_UPDATE)
        put_update(&json, event);
    put_text(&json, "account", event->account);
    put_text(&json, "name", event->name);
    put_text(&json, "model", event->model);
    json_out_end_object(&json);
}

static void on_event(void *ctx, const struct device_event *event)
{
    struct webhook_watcher *watcher = ctx;
    struct webhooks_event told = {
        .kind = types[event->kind].kind,
        .apikey = event->owner,
        .at_ms = event->at_ms,
    };

    if (!webhooks_want(watcher->webhooks, told.kind))
        return;
    format(event, &watcher->body);
    told.body = buf_str(&watcher->body);
    webhooks_tell(watcher->webhooks, &told);
}

void webhook_watcher_start(struct webhook_watcher *watcher, struct webhooks *webhooks,
                           struct device_watchers *watchers)
{
    struct device_watcher entry = {.on_event = on_event, .ctx = watcher};

    watcher->webhooks = webhooks;
    watcher->body = BUF_EMPTY;
    for (int kind = 0; kind < DEVICE_EVENT_KINDS; kind++)
        if (types[kind].type != NULL)
            entry.kinds |= DEVICE_EVENT_BIT(kind);
    device_event_watch(watchers, &entry);
}

void webhook_watcher_fini(struct webhook_watcher *watcher)
{
    buf_free(&watcher->body);
}
