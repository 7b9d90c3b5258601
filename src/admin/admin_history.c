#include "admin/admin_history.h"

#include "admin/admin_device.h"
#include "admin/admin_text.h"
#include "domain/history_entry.h"
#include "store/store_history.h"

struct state {
    char id[STORE_DEVICE_ID_CAP];
    uint64_t limit;
};

static const char *reason_of(const struct device_event *event)
{
    if (event->kind == DEVICE_OFFLINE)
        return device_event_loss_name(event->loss);
    return event->kind == DEVICE_COMMAND ? command_outcome_name(event->outcome) : "";
}

/* Every row has the same members: the first one's are a table's columns. */
static void put_row(struct admin_call *call, const struct device_event *event)
{
    bool is_command = event->kind == DEVICE_COMMAND;
    struct json_out *out = admin_call_begin_row(call);

    admin_text_time(out, "happened_at", event->at_ms);
    json_out_str(out, "event", str_of(device_event_name(event->kind)));
    json_out_str(out, "reason", str_of(reason_of(event)));
    if (is_command)
        json_out_int(out, "latency_ms", (int64_t)(event->latency_us / 1000));
    else
        json_out_null(out, "latency_ms");
    if (event->error != 0)
        json_out_int(out, "error", event->error);
    else
        json_out_null(out, "error");
    json_out_str(out, "source",
                 is_command ? str_of(device_event_source_name(event->source)) : STR_EMPTY);
    json_out_str(out, "account", event->account);
    json_out_str(out, "params", event->params);
    json_out_str(out, "peer", event->peer);
    admin_call_end_row(call);
}

/* The newest first. */
static void put_rows(struct admin_call *call, struct str entries, uint64_t limit)
{
    struct str found[STORE_HISTORY_KEEP_MAX];
    struct device_event event;
    size_t count = 0;

    while (count < STORE_HISTORY_KEEP_MAX && store_history_next(&entries, &found[count]))
        count++;
    for (uint64_t shown = 0; shown < limit && count > 0; shown++)
        if (history_entry_read(found[--count], &event))
            put_row(call, &event);
}

static void on_found(void *ctx, enum err err, struct str entries)
{
    struct admin_call *call = ctx;
    const struct state *state = admin_call_state(call, sizeof *state);

    if (err) {
        admin_device_refuse(call, err, state->id);
    } else {
        put_rows(call, entries, state->limit);
        admin_call_finish(call);
    }
}

void admin_history_list(struct admin_call *call)
{
    struct state *state = admin_call_state(call, sizeof *state);
    enum err err;

    if (!admin_call_word(call, "id", admin_text_check_device_id, state->id, sizeof state->id) ||
        !admin_call_number(call, "limit", UINT64_MAX, &state->limit))
        return;
    err = store_history_find(admin_call_config(call)->store, admin_call_mailbox(call),
                             str_of(state->id), STR_EMPTY, on_found, call);
    if (err)
        admin_call_refuse_failure(call, err);
}
