#include "domain/device_commit.h"

#include "domain/device.h"
#include "domain/params.h"
#include "store/store_device.h"

static void on_written(void *ctx, enum err err);

/* Sends the row with all that waits. */
static enum err write_row(struct device *device)
{
    struct accounts *accounts = device->accounts;
    /* Its owner is named because another account's home may be the writer of the row by now. */
    struct store_device_change change = {
        .id = str_of(device->id),
        .owner = str_of(device->account->apikey),
        .params = device_params(device),
    };
    enum err err = store_device_update(accounts->config.store, accounts->config.mailbox, &change,
                                       on_written, device);

    if (err != ERR_NONE)
        return err;
    accounts->store_waits++;
    link_splice(&device->commits_flying, &device->commits_waiting);
    return ERR_NONE;
}

/* Answers all changes of a list, which belongs to the caller. */
static void answer_all(struct device *device, struct link *list, enum err err)
{
    while (!link_is_alone(list)) {
        struct commit *commit = CONTAINER_OF(list->next, struct commit, link);

        link_remove(&commit->link);
        device->uncommitted--;
        commit->on_commit(commit, err);
    }
}

/* What came meanwhile stands on a row that was not written, so it is not written either. */
static enum err write_next(struct device *device, enum err err)
{
    if (link_is_alone(&device->commits_waiting))
        return err;
    if (err == ERR_NONE && device->account != NULL)
        return write_row(device);
    return err == ERR_NONE ? ERR_NOT_FOUND : err;
}

static void on_written(void *ctx, enum err err)
{
    struct device *device = ctx;
    enum err next_err;
    struct link done;
    struct link failed;

    device->accounts->store_waits--;
    device->holds++;
    link_init(&done);
    link_init(&failed);
    link_splice(&done, &device->commits_flying);
    next_err = write_next(device, err);
    if (next_err != ERR_NONE) {
        device->is_stale = true;
        link_splice(&failed, &device->commits_waiting);
    }
    answer_all(device, &done, err);
    answer_all(device, &failed, next_err);
    if (device->is_stale && device->uncommitted == 0 && device->account != NULL) {
        device->is_stale = false;
        device_reload(device);
    }
    device->holds--;
    device_release(device);
}

/* Makes `merged` the device's params; what they were before goes to `merged`. */
static void swap_params(struct device *device, struct buf *merged)
{
    struct buf before = device->params;

    device->params = *merged;
    *merged = before;
}

static enum err enqueue(struct device *device, struct commit *commit)
{
    enum err err = ERR_NONE;

    link_init(&commit->link);
    link_insert(&device->commits_waiting, &commit->link);
    if (link_is_alone(&device->commits_flying))
        err = write_row(device);
    if (err == ERR_NONE)
        device->uncommitted++;
    else
        link_remove(&commit->link);
    return err;
}

static void tell_update(const struct device *device, enum device_source source, struct str change,
                        bool is_change)
{
    const struct accounts *accounts = device->accounts;
    const struct device_event event = {
        .kind = DEVICE_UPDATE,
        .at_ms = accounts->config.host.wall_ms(accounts->config.host.ctx),
        .deviceid = str_of(device->id),
        .owner = str_of(device->account->apikey),
        .source = source,
        .params = change,
        .is_change = is_change,
    };

    device_event_tell(accounts->config.watchers, &event);
}

enum err device_commit(struct device *device, struct json_value change, struct commit *commit)
{
    struct buf merged = BUF_EMPTY;
    bool is_change;
    enum err err;

    if (device->state == DEVICE_LOADING || device->is_stale)
        return ERR_BUSY;
    err = params_merge(&merged, buf_str(&device->params), change, STORE_PARAMS_MAX);
    if (err != ERR_NONE)
        return err;
    is_change = !str_eq(buf_str(&merged), device_params(device));
    if (device_event_is_watched(device->accounts->config.watchers, DEVICE_UPDATE))
        tell_update(device, commit->source, change.raw, is_change);
    if (device->uncommitted == 0 && !is_change) {
        buf_free(&merged);
        commit->on_commit(commit, ERR_NONE);
        return ERR_NONE;
    }
    swap_params(device, &merged);
    err = enqueue(device, commit);
    if (err != ERR_NONE)
        swap_params(device, &merged);
    buf_free(&merged);
    return err;
}
