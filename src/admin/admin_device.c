#include "admin/admin_device.h"

#include "admin/admin_event.h"
#include "admin/admin_list.h"
#include "admin/admin_text.h"
#include "admin/admin_user.h"
#include "base/crypto.h"
#include "store/store_device.h"
#include "store/store_user.h"

#include <stdio.h>
#include <string.h>

/* Device ids of this protocol are ten hexadecimal digits that begin with 1000. */
enum { RANDOM_ID_BYTES = 3, MAX_DRAWS = 8 };

struct create {
    struct device_record device;
    bool is_drawn; /* the id is random: another one is drawn when it is taken */
    int draws;
};

struct list {
    struct admin_list list; /* first: admin_list.h */
    char owner[STORE_APIKEY_CAP];
};

static void write_device(struct json_out *out, const struct device_record *device)
{
    json_out_str(out, "id", str_of(device->id));
    json_out_str(out, "name", str_of(device->name));
    json_out_str(out, "model", str_of(device->model));
    json_out_str(out, "owner", str_of(device->owner));
    json_out_bool(out, "disabled", device->disabled);
    admin_text_time(out, "created_at", device->created_ms);
    admin_text_time(out, "online_at", device->online_ms);
    admin_text_time(out, "offline_at", device->offline_ms);
}

void admin_device_refuse(struct admin_call *call, enum err err, const char *id)
{
    if (err == ERR_NOT_FOUND)
        admin_call_refuse(call, err, "`switchyard ctl device list` shows them all",
                          "there is no device '%s'", id);
    else
        admin_call_refuse_failure(call, err);
}

/* Firmware that hears its own key as its owner's takes it for a refusal. */
static bool is_own_key(struct admin_call *call, const char *key, const char *owner)
{
    if (strcmp(key, owner) != 0)
        return false;
    admin_call_refuse(call, ERR_INVALID, "firmware would not accept its registration",
                      "a device's key must not be its owner's apikey");
    return true;
}

static void create(struct admin_call *call);

static void on_created(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    struct create *state = admin_call_state(call, sizeof *state);
    struct json_out *out;

    if (err == ERR_EXISTS && state->is_drawn && state->draws < MAX_DRAWS) {
        create(call);
        return;
    }
    if (err == ERR_EXISTS) {
        admin_call_refuse(call, err, "choose another id, or leave it out to have one made",
                          "there is a device '%s' already", state->device.id);
        return;
    }
    if (err) {
        admin_call_refuse_failure(call, err);
        return;
    }
    out = admin_call_begin_result(call);
    write_device(out, &state->device);
    json_out_str(out, "key", str_of(state->device.key));
    admin_call_finish(call);
}

static void create(struct admin_call *call)
{
    struct create *state = admin_call_state(call, sizeof *state);
    char random[2 * RANDOM_ID_BYTES + 1];
    enum err err;

    if (state->is_drawn) {
        state->draws++;
        crypto_random_hex(RANDOM_ID_BYTES, random);
        snprintf(state->device.id, sizeof state->device.id, "1000%s", random);
    }
    err = store_device_create(admin_call_config(call)->store, admin_call_mailbox(call),
                              &state->device, 1, on_created, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

static void on_owner_of_new(struct admin_call *call, const struct user_record *user)
{
    struct create *state = admin_call_state(call, sizeof *state);

    str_copy(str_of(user->apikey), state->device.owner, sizeof state->device.owner);
    if (!is_own_key(call, state->device.key, state->device.owner))
        create(call);
}

/* False when the call has been refused. */
static bool read_device(struct admin_call *call, struct device_record *device)
{
    if (!admin_call_word(call, "id", admin_text_check_device_id, device->id, sizeof device->id) ||
        !admin_call_word(call, "key", admin_text_check_secret, device->key, sizeof device->key) ||
        !admin_call_word(call, "name", admin_text_check_label, device->name, sizeof device->name) ||
        !admin_call_word(call, "model", admin_text_check_label, device->model,
                         sizeof device->model))
        return false;
    if (device->key[0] == '\0')
        crypto_uuid(device->key);
    device->params = "{}";
    device->created_ms = loop_wall_ms(admin_call_config(call)->loop);
    return true;
}

void admin_device_create(struct admin_call *call)
{
    struct create *state = admin_call_state(call, sizeof *state);

    if (!read_device(call, &state->device))
        return;
    state->is_drawn = state->device.id[0] == '\0';
    if (!admin_call_has(call, "owner"))
        create(call);
    else
        admin_user_resolve(call, "owner", on_owner_of_new);
}

/* What `device import` reads. */
static void write_factory_record(struct json_out *out, const struct device_record *device,
                                 bool with_key)
{
    json_out_str(out, "deviceid", str_of(device->id));
    if (with_key)
        json_out_str(out, "key", str_of(device->key));
    json_out_str(out, "name", str_of(device->name));
    json_out_str(out, "model", str_of(device->model));
    json_out_str(out, "owner", str_of(device->owner));
}

static void write_row(struct admin_call *call, const struct device_record *device)
{
    struct json_out *out = admin_call_begin_row(call);

    if (admin_call_verb(call) == CONTROL_DEVICE_EXPORT)
        write_factory_record(out, device, admin_call_flag(call, "keys"));
    else
        write_device(out, device);
    admin_call_end_row(call);
}

static void on_record(void *ctx, enum err err, const struct device_record *device)
{
    struct admin_list *list = ctx;

    if (device == NULL) {
        admin_list_on_page(list, err);
        return;
    }
    write_row(list->call, device);
    admin_list_on_row(list, device->id);
}

static enum err ask_page(struct admin_list *list)
{
    struct list *state = admin_call_state(list->call, sizeof *state);
    const struct store_device_range range = {
        .owner = str_of(state->owner), .after = str_of(list->after), .limit = list->page};

    return store_device_list(admin_call_config(list->call)->store, admin_call_mailbox(list->call),
                             &range, on_record, list);
}

static void on_owner_of_list(struct admin_call *call, const struct user_record *user)
{
    struct list *state = admin_call_state(call, sizeof *state);

    str_copy(str_of(user->apikey), state->owner, sizeof state->owner);
    admin_list_start(call, ask_page);
}

void admin_device_list(struct admin_call *call)
{
    struct list *state = admin_call_state(call, sizeof *state);

    (void)state; /* made here with its whole size */
    if (!admin_call_has(call, "owner"))
        admin_list_start(call, ask_page);
    else
        admin_user_resolve(call, "owner", on_owner_of_list);
}

void admin_device_export(struct admin_call *call)
{
    admin_device_list(call);
}

/* Looks up the device of the call's "id". */
static void find_device(struct admin_call *call, store_device_fn on_device)
{
    char id[STORE_DEVICE_ID_CAP];
    enum err err;

    if (!admin_call_word(call, "id", admin_text_check_device_id, id, sizeof id))
        return;
    err = store_device_find(admin_call_config(call)->store, admin_call_mailbox(call), str_of(id),
                            on_device, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

static void on_device_to_show(void *ctx, enum err err, const struct device_record *device)
{
    struct admin_call *call = ctx;
    char id[STORE_DEVICE_ID_CAP];
    struct json_out *out;

    if (!admin_call_text(call, "id", id, sizeof id))
        return;
    if (err) {
        admin_device_refuse(call, err, id);
        return;
    }
    out = admin_call_begin_result(call);
    write_device(out, device);
    if (admin_call_flag(call, "key"))
        json_out_str(out, "key", str_of(device->key));
    json_out_raw(out, "params", str_of(device->params));
    admin_call_finish(call);
}

void admin_device_show(struct admin_call *call)
{
    find_device(call, on_device_to_show);
}

struct assign {
    char id[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
    char owner_before[STORE_APIKEY_CAP];
    char key[STORE_DEVICE_KEY_CAP];
};

static void on_assigned(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    const struct assign *state = admin_call_state(call, sizeof *state);
    struct bus_event event = {.topic = BUS_DEVICE_CHANGED};
    struct json_out *out;

    if (err) {
        admin_device_refuse(call, err, state->id);
        return;
    }
    out = admin_call_begin_result(call);
    json_out_str(out, "id", str_of(state->id));
    json_out_str(out, "owner", str_of(state->owner));
    json_out_str(out, "owner_before", str_of(state->owner_before));
    str_copy(str_of(state->id), event.subject, sizeof event.subject);
    str_copy(str_of(state->owner_before), event.account, sizeof event.account);
    admin_event_publish_and_finish(call, &event);
}

static void assign(struct admin_call *call)
{
    struct assign *state = admin_call_state(call, sizeof *state);
    enum err err = store_device_assign(admin_call_config(call)->store, admin_call_mailbox(call),
                                       str_of(state->id), str_of(state->owner), on_assigned, call);

    if (err)
        admin_call_refuse_failure(call, err);
}

static void on_new_owner(struct admin_call *call, const struct user_record *user)
{
    struct assign *state = admin_call_state(call, sizeof *state);

    str_copy(str_of(user->apikey), state->owner, sizeof state->owner);
    if (!is_own_key(call, state->key, state->owner))
        assign(call);
}

static void on_device_to_assign(void *ctx, enum err err, const struct device_record *device)
{
    struct admin_call *call = ctx;
    struct assign *state = admin_call_state(call, sizeof *state);

    if (!admin_call_text(call, "id", state->id, sizeof state->id))
        return;
    if (err) {
        admin_device_refuse(call, err, state->id);
        return;
    }
    str_copy(str_of(device->owner), state->owner_before, sizeof state->owner_before);
    str_copy(str_of(device->key), state->key, sizeof state->key);
    if (admin_call_flag(call, "nobody"))
        assign(call);
    else
        admin_user_resolve(call, "owner", on_new_owner);
}

void admin_device_assign(struct admin_call *call)
{
    if (admin_call_has(call, "owner") == admin_call_flag(call, "nobody"))
        admin_call_refuse(call, ERR_INVALID, NULL, "give either 'owner' or 'nobody'");
    else
        find_device(call, on_device_to_assign);
}
