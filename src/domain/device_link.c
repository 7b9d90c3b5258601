#include "domain/device_link.h"

#include "base/alloc.h"
#include "base/pool.h"
#include "domain/audience.h"
#include "domain/command.h"
#include "domain/device.h"
#include "domain/device_commit.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A device's report on its way to the disk; owns copies of what is to be told. */
struct report {
    struct link link;
    struct device_link *from; /* NULL: the link has closed, only the apps are told */
    struct device *device;
    struct commit commit;
    struct str params;
    struct str d_seq;
    struct str seq;
    char text[];
};

static void tell_arrival(const struct device *device, bool was_online, struct str model)
{
    const struct accounts *accounts = device->accounts;
    struct origin origin;
    struct device_event event = {
        .kind = was_online ? DEVICE_REPLACED : DEVICE_ONLINE,
        .at_ms = accounts->config.host.wall_ms(accounts->config.host.ctx),
        .deviceid = str_of(device->id),
        .owner = str_of(device->account->apikey),
        .model = model,
    };

    if (!device_event_is_watched(accounts->config.watchers, event.kind))
        return;
    device->link->events->tell_origin(device->link->ctx, &origin);
    event.peer = str_of(origin.peer);
    device_event_tell(accounts->config.watchers, &event);
}

static void tell_loss(const struct device *device, enum device_loss loss)
{
    const struct accounts *accounts = device->accounts;
    const struct device_event event = {
        .kind = DEVICE_OFFLINE,
        .at_ms = accounts->config.host.wall_ms(accounts->config.host.ctx),
        .deviceid = str_of(device->id),
        .owner = str_of(device->account->apikey),
        .loss = loss,
    };

    if (device_event_is_watched(accounts->config.watchers, event.kind))
        device_event_tell(accounts->config.watchers, &event);
}

/* The opening is over; its memory is the caller's now. */
static struct device_opening *end_opening(struct device_link *link)
{
    struct device_opening *opening = link->opening;

    if (opening != NULL)
        link_remove(&opening->link);
    link->opening = NULL;
    return opening;
}

void device_link_fail(struct device_link *link, enum err err)
{
    free(end_opening(link));
    link->device = NULL;
    link->events->on_open(link->ctx, link, err);
}

void device_link_attach(struct device_link *link)
{
    struct device *device = link->device;
    struct device_link *old = device->link;
    struct device_opening *opening;

    if (strcmp(link->opening->owner, device->account->apikey) != 0) {
        device_link_fail(link, ERR_NOT_FOUND);
        return;
    }
    opening = end_opening(link);
    device->link = link;
    if (old != NULL) {
        device_link_end(old, END_REPLACED);
        command_send_lost(device);
    }
    link->events->on_open(link->ctx, link, ERR_NONE);
    if (device->link == link)
        tell_arrival(device, old != NULL, str_of(opening->model));
    if (device->link == link && old == NULL) {
        device_note_presence(device, true, str_of(opening->model));
        audience_tell_presence(device, true);
    }
    command_send_waiting(device);
    free(opening);
}

static struct device_opening *opening_new(struct device_link *of,
                                          const struct device_config *config)
{
    struct device_opening *opening = alloc_zero(sizeof *opening);

    link_init(&opening->link);
    opening->of = of;
    str_copy(config->owner, opening->owner, sizeof opening->owner);
    str_copy(config->model, opening->model, sizeof opening->model);
    return opening;
}

struct device_link *device_link_open(struct accounts *accounts, const struct device_config *config)
{
    struct device_link *link = pool_take(accounts->pool, sizeof *link);
    struct device *device = device_get_for(accounts, config);

    link_init(&link->reports);
    link->events = config->events;
    link->ctx = config->ctx;
    link->pace = config->pace;
    if (device == NULL) {
        link->events->on_open(link->ctx, link, ERR_FULL);
        return link;
    }
    link->device = device;
    link->opening = opening_new(link, config);
    if (device->state == DEVICE_LOADING) {
        link_insert(&device->wait->links, &link->opening->link);
        return link;
    }
    device->holds++; /* the edge may close the link at once */
    device_link_attach(link);
    device->holds--;
    device_release(device);
    return link;
}

/* From here on the link is not its device's, and nobody waits for it. */
static void leave(struct device_link *link)
{
    while (!link_is_alone(&link->reports)) {
        struct report *report = CONTAINER_OF(link->reports.next, struct report, link);

        link_remove(&report->link);
        report->from = NULL;
    }
    free(end_opening(link));
    if (link->device != NULL && link->device->link == link)
        link->device->link = NULL;
}

static void go_offline(struct device *device, enum device_loss loss)
{
    tell_loss(device, loss);
    command_send_lost(device);
    device_note_presence(device, false, STR_EMPTY);
    audience_tell_presence(device, false);
    device_release(device);
}

static enum device_loss loss_of(enum session_end end)
{
    switch (end) {
    case END_REVOKED:
        return DEVICE_LOSS_REVOKED;
    case END_KICKED:
        return DEVICE_LOSS_KICKED;
    case END_REPLACED:
    case END_LIMIT:
    case END_NEWER:
        break;
    }
    return DEVICE_LOSS_FAILED;
}

void device_link_end(struct device_link *link, enum session_end end)
{
    struct device *device = link->device;

    leave(link);
    link->is_ended = true;
    device->holds += 2; /* the link's, until it is closed, and our own */
    link->events->on_end(link->ctx, end);
    device->holds--;
    if (end != END_REPLACED)
        go_offline(device, loss_of(end));
}

void device_link_close(struct device_link *link, enum device_loss loss)
{
    struct device *device = link->device;
    bool was_online = device != NULL && device->link == link;

    leave(link);
    if (link->is_ended) {
        assert(device != NULL); /* held since */
        device->holds--;
    }
    pool_give_back(link);
    if (was_online)
        go_offline(device, loss);
    else if (device != NULL)
        device_release(device);
}

static bool sequence_matches(const struct command *command, struct str sequence)
{
    uint64_t number;

    return sequence.len == 0 || (str_to_u64(sequence, &number) && number == command->sequence);
}

/* The oldest command that the sequence may mean; one that has timed out only when no other does. */
static struct command *find_command(struct device *device, struct str sequence)
{
    struct command *late = NULL;

    for (struct link *at = device->commands.next; at != &device->commands; at = at->next) {
        struct command *command = CONTAINER_OF(at, struct command, link);

        if (command->state == COMMAND_QUEUED || !sequence_matches(command, sequence))
            continue;
        if (command->state != COMMAND_LATE)
            return command;
        if (late == NULL)
            late = command;
    }
    return late;
}

void device_link_ack(struct device_link *link, const struct device_ack *ack)
{
    struct device *device = link->device;
    struct command *command;

    if (device == NULL || device->link != link)
        return;
    command = find_command(device, ack->sequence);
    if (command == NULL)
        return;
    command_on_ack(command, ack);
    command_send_waiting(device);
}

static struct report *report_new(struct device_link *from, const struct change *change)
{
    struct report *report =
        alloc_zero(sizeof *report + change->params.len + change->d_seq.len + change->seq.len);
    char *at = report->text;

    link_init(&report->link);
    report->from = from;
    report->device = from->device;
    report->params = str_place(&at, change->params);
    report->d_seq = str_place(&at, change->d_seq);
    report->seq = str_place(&at, change->seq);
    return report;
}

static void report_free(struct report *report)
{
    if (report->from != NULL) {
        link_remove(&report->link);
        report->from->report_count--;
    }
    free(report);
}

static void on_commit(struct commit *commit, enum err err)
{
    struct report *report = CONTAINER_OF(commit, struct report, commit);
    struct device *device = report->device;
    struct device_link *from = report->from;
    struct change change = {
        .deviceid = str_of(device->id),
        .owner = device->account == NULL ? STR_EMPTY : str_of(device->account->apikey),
        .params = report->params,
        .d_seq = report->d_seq,
        .seq = report->seq,
    };

    if (from != NULL)
        from->events->on_report_done(from->ctx, err, &change);
    if (err == ERR_NONE && device->account != NULL)
        audience_tell_report(device, &change);
    report_free(report);
    if (from != NULL && device->link == from)
        command_send_waiting(device);
}

enum err device_link_report(struct device_link *link, const struct change *change)
{
    struct json_value params;
    struct report *report;
    enum err err;

    if (link->device == NULL || link->device->link != link)
        return ERR_CLOSED;
    if (link->report_count >= link->device->accounts->config.max_pending)
        return ERR_BUSY;
    if ((err = json_scan(change->params, &params)))
        return err;
    report = report_new(link, change);
    link_insert(&link->reports, &report->link);
    link->report_count++;
    params.raw = report->params;
    report->commit.on_commit = on_commit;
    report->commit.source = DEVICE_SOURCE_DEVICE;
    err = device_commit(link->device, params, &report->commit);
    if (err != ERR_NONE)
        report_free(report);
    return err;
}

struct str device_link_params(const struct device_link *link)
{
    return link->device == NULL ? STR("{}") : device_params(link->device);
}

struct str device_link_deviceid(const struct device_link *link)
{
    return link->device == NULL ? STR_EMPTY : str_of(link->device->id);
}

struct str device_link_owner(const struct device_link *link)
{
    if (link->opening != NULL)
        return str_of(link->opening->owner);
    if (link->device == NULL || link->device->account == NULL)
        return STR_EMPTY;
    return str_of(link->device->account->apikey);
}
