/*
 * command_send - when a command leaves for its device.
 *
 * Some firmware reads one message at a time, and some misses the answer it awaits when a command
 * comes ahead of it (docs/protocol.md, "What devices are sent").
 */
#include "domain/command.h"

static size_t count_sent(const struct device *device)
{
    size_t count = 0;

    for (struct link *at = device->commands.next; at != &device->commands; at = at->next) {
        const struct command *command = CONTAINER_OF(at, struct command, link);

        if (command->state == COMMAND_SENT && !command->is_lost)
            count++;
    }
    return count;
}

static bool may_send(const struct device *device)
{
    const struct device_link *link = device->link;

    if (link->pace.one_exchange && link->report_count > 0)
        return false;
    return link->pace.at_once == 0 || count_sent(device) < link->pace.at_once;
}

/* Its time runs from its arrival, queued or sent. */
static void start_clock(struct command *command)
{
    struct accounts *accounts = command->accounts;
    const struct accounts_host *host = &accounts->config.host;

    command->due_ms = host->now_ms(host->ctx) + accounts->config.command_ms;
    if (link_is_alone(&accounts->pending))
        host->wake_at(host->ctx, command->due_ms);
}

static void send_now(struct command *command)
{
    struct device *device = command->device;
    char sequence[STR_U64_CAP];
    struct change change = {
        .deviceid = str_of(device->id),
        .owner = str_of(device->account->apikey),
        .params = command->params.raw,
    };

    command->sequence = accounts_next_sequence(device->accounts);
    command->is_lost = false;
    command_set_state(command, COMMAND_SENT);
    change.sequence = str_from_u64(command->sequence, sequence);
    if (device->link->events->on_command(device->link->ctx, command->kind, &change) != ERR_NONE)
        command_finish(command, COMMAND_TOO_LARGE, 0);
    else if (command->kind == COMMAND_NOTIFY)
        command_finish(command, COMMAND_OK, 0);
}

void command_send(struct command *command)
{
    struct device *device = command->device;

    start_clock(command);
    if (may_send(device)) {
        send_now(command);
        return;
    }
    command_set_state(command, COMMAND_QUEUED);
    device->has_queued = true;
}

static struct command *first_queued(const struct device *device)
{
    for (struct link *at = device->commands.next; at != &device->commands; at = at->next) {
        struct command *command = CONTAINER_OF(at, struct command, link);

        if (command->state == COMMAND_QUEUED)
            return command;
    }
    return NULL;
}

void command_send_waiting(struct device *device)
{
    struct command *command;

    if (!device->has_queued)
        return;
    device->holds++;
    while (device->has_queued && device->link != NULL && may_send(device)) {
        command = first_queued(device);
        device->has_queued = command != NULL;
        if (command != NULL)
            send_now(command);
    }
    device->holds--;
}

static void answer_queued(struct device *device)
{
    struct command *command;

    device->has_queued = false;
    device->holds++;
    while ((command = first_queued(device)) != NULL)
        command_finish(command, COMMAND_OFFLINE, 0);
    device->holds--;
}

void command_send_lost(struct device *device)
{
    for (struct link *at = device->commands.next; at != &device->commands; at = at->next)
        CONTAINER_OF(at, struct command, link)->is_lost = true;
    if (device->link == NULL && device->has_queued)
        answer_queued(device);
}
