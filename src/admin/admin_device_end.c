#include "admin/admin_device_end.h"

#include "admin/admin_device.h"
#include "admin/admin_event.h"
#include "admin/admin_text.h"
#include "store/store_device.h"

struct end {
    char id[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
};

/* Its link is closed when all have heard of it. */
static void on_ended(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    const struct end *state = admin_call_state(call, sizeof *state);
    struct bus_event event = {.topic = BUS_DEVICE_CHANGED};
    struct json_out *out;

    if (err) {
        admin_device_refuse(call, err, state->id);
        return;
    }
    out = admin_call_begin_result(call);
    json_out_str(out, "id", str_of(state->id));
    json_out_str(out, "owner", str_of(state->owner));
    if (admin_call_verb(call) != CONTROL_DEVICE_DELETE)
        json_out_bool(out, "disabled", admin_call_verb(call) == CONTROL_DEVICE_DISABLE);
    str_copy(str_of(state->id), event.subject, sizeof event.subject);
    str_copy(str_of(state->owner), event.account, sizeof event.account);
    admin_event_publish_and_finish(call, &event);
}

static void on_device(void *ctx, enum err err, const struct device_record *device)
{
    struct admin_call *call = ctx;
    struct end *state = admin_call_state(call, sizeof *state);
    struct store *store = admin_call_config(call)->store;

    if (err) {
        admin_device_refuse(call, err, state->id);
        return;
    }
    str_copy(str_of(device->owner), state->owner, sizeof state->owner);
    if (admin_call_verb(call) == CONTROL_DEVICE_DELETE)
        err =
            store_device_delete(store, admin_call_mailbox(call), str_of(state->id), on_ended, call);
    else
        err = store_device_disable(store, admin_call_mailbox(call), str_of(state->id),
                                   admin_call_verb(call) == CONTROL_DEVICE_DISABLE, on_ended, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

static void find(struct admin_call *call)
{
    struct end *state = admin_call_state(call, sizeof *state);
    enum err err;

    if (!admin_call_word(call, "id", admin_text_check_device_id, state->id, sizeof state->id))
        return;
    err = store_device_find(admin_call_config(call)->store, admin_call_mailbox(call),
                            str_of(state->id), on_device, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

void admin_device_end_disable(struct admin_call *call)
{
    find(call);
}

void admin_device_end_delete(struct admin_call *call)
{
    find(call);
}
