#include "api/api_batch.h"

#include "api/api_private.h"
#include "base/alloc.h"
#include "domain/remote.h"

#include <assert.h>
#include <stdlib.h>

struct api_batch {
    struct api *api;
    struct timer timer;
    char apikey[STORE_APIKEY_CAP];
    size_t count;
    size_t cap;
    size_t left; /* that have not ended */
    bool is_running;
    bool has_ended;      /* on_end has run */
    api_batch_fn on_end; /* may be NULL */
    void *ctx;
    struct entry *entries; /* both of `cap`; owned */
    struct api_batch_item *items;
};

/* What a command is known by; its item has the same number. */
struct entry {
    struct api_batch *batch;
};

struct str api_batch_sequence(const struct api *api, char out[STR_U64_CAP])
{
    return str_from_u64((uint64_t)loop_wall_ms(api->config.loop), out);
}

struct api_batch *api_batch_new(struct api *api, struct str apikey, size_t cap)
{
    struct api_batch *batch = alloc_zero(sizeof *batch);

    batch->api = api;
    batch->cap = cap;
    batch->entries = alloc_resize(NULL, cap, sizeof *batch->entries);
    batch->items = alloc_resize(NULL, cap, sizeof *batch->items);
    (void)str_copy(apikey, batch->apikey, sizeof batch->apikey);
    api->batch_count++;
    return batch;
}

static void batch_free(struct api_batch *batch)
{
    batch->api->batch_count--;
    timer_stop(&batch->timer);
    free(batch->entries);
    free(batch->items);
    free(batch);
}

static void end(struct api_batch *batch)
{
    batch->has_ended = true;
    timer_stop(&batch->timer);
    if (batch->on_end != NULL)
        batch->on_end(batch->ctx, batch->items, batch->count);
}

/* Ends the batch with its last command, and frees it. */
static void end_when_done(struct api_batch *batch)
{
    if (!batch->is_running || batch->left > 0)
        return;
    if (!batch->has_ended)
        end(batch);
    batch_free(batch);
}

static void on_timer(struct timer *timer)
{
    end(CONTAINER_OF(timer, struct api_batch, timer));
}

static void on_result(void *ctx, const struct command_result *result)
{
    struct entry *entry = ctx;
    struct api_batch *batch = entry->batch;

    batch->items[entry - batch->entries].outcome = (int)result->outcome;
    batch->left--;
    end_when_done(batch);
}

static enum command_outcome outcome_of(enum err err)
{
    if (err == ERR_INVALID)
        return COMMAND_INVALID;
    return err == ERR_FULL ? COMMAND_BUSY : COMMAND_FAILED;
}

void api_batch_add(struct api_batch *batch, size_t thing, struct str deviceid,
                   struct json_value params)
{
    struct entry *entry = &batch->entries[batch->count];
    struct api_batch_item *item = &batch->items[batch->count];
    char digits[STR_U64_CAP];
    const struct remote_command command = {
        .kind = COMMAND_UPDATE,
        .asker = str_of(batch->apikey),
        .source = DEVICE_SOURCE_REST,
        .request = {.deviceid = deviceid,
                    .sequence = api_batch_sequence(batch->api, digits),
                    .params = params},
        .on_result = on_result,
        .ctx = entry,
    };
    struct remote_call *call;
    enum err err;

    assert(batch->count < batch->cap);
    batch->count++;
    *entry = (struct entry){batch};
    *item = (struct api_batch_item){.thing = thing, .outcome = API_BATCH_WAITS};
    if (!str_copy(deviceid, item->deviceid, sizeof item->deviceid)) {
        item->outcome = COMMAND_FORBIDDEN;
        return;
    }
    err = remote_command(batch->api->config.accounts, &command, &call);
    if (err == ERR_NONE)
        batch->left++;
    else
        item->outcome = (int)outcome_of(err);
}

void api_batch_run(struct api_batch *batch, uint64_t timeout_ms, api_batch_fn on_end, void *ctx)
{
    batch->is_running = true;
    batch->on_end = on_end;
    batch->ctx = ctx;
    if (timeout_ms > 0)
        loop_timer_start(batch->api->config.loop, &batch->timer, timeout_ms, on_timer);
    end_when_done(batch);
}
