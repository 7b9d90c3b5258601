#include "admin/admin_quarantine.h"

#include "admin/admin_text.h"
#include "admin/admin_user.h"
#include "domain/quarantine.h"
#include "store/store_device.h"
#include "store/store_user.h"

static struct quarantine *quarantine_of(const struct admin_call *call)
{
    return admin_call_config(call)->quarantine;
}

static void put_row(struct admin_call *call, const struct quarantine_record *record)
{
    struct json_out *out = admin_call_begin_row(call);

    json_out_str(out, "id", str_of(record->id));
    json_out_str(out, "model", str_of(record->model));
    json_out_str(out, "peer", str_of(record->peer));
    json_out_int(out, "tries", (int64_t)record->count);
    json_out_int(out, "other_keys", (int64_t)record->other_keys);
    json_out_bool(out, "rejected", record->is_rejected);
    admin_text_time(out, "first_at", record->first_ms);
    admin_text_time(out, "last_at", record->last_ms);
    admin_call_end_row(call);
}

void admin_quarantine_list(struct admin_call *call)
{
    struct quarantine_record record;

    for (size_t i = 0; quarantine_at(quarantine_of(call), i, &record); i++)
        put_row(call, &record);
    admin_call_finish(call);
}

static void refuse_unknown(struct admin_call *call, const char *id)
{
    admin_call_refuse(call, ERR_NOT_FOUND,
                      "`switchyard ctl quarantine list` shows them all; it is empty unless "
                      "devices.quarantine is set",
                      "there is no device '%s' in quarantine", id);
}

static void on_created(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    const struct device_record *device = admin_call_state(call, sizeof *device);
    struct json_out *out;

    if (err == ERR_EXISTS) {
        admin_call_refuse(call, err, NULL, "there is a device '%s' already", device->id);
        return;
    }
    if (err) {
        admin_call_refuse_failure(call, err);
        return;
    }
    quarantine_remove(quarantine_of(call), str_of(device->id));
    out = admin_call_begin_result(call);
    json_out_str(out, "id", str_of(device->id));
    json_out_str(out, "owner", str_of(device->owner));
    admin_call_finish(call);
}

static void create(struct admin_call *call)
{
    struct device_record *device = admin_call_state(call, sizeof *device);
    enum err err;

    device->params = "{}";
    device->created_ms = loop_wall_ms(admin_call_config(call)->loop);
    err = store_device_create(admin_call_config(call)->store, admin_call_mailbox(call), device, 1,
                              on_created, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

static void on_owner(struct admin_call *call, const struct user_record *user)
{
    struct device_record *device = admin_call_state(call, sizeof *device);

    str_copy(str_of(user->apikey), device->owner, sizeof device->owner);
    create(call);
}

void admin_quarantine_accept(struct admin_call *call)
{
    struct device_record *device = admin_call_state(call, sizeof *device);
    struct quarantine_record record;

    if (!admin_call_word(call, "id", admin_text_check_device_id, device->id, sizeof device->id) ||
        !admin_call_word(call, "name", admin_text_check_label, device->name, sizeof device->name))
        return;
    if (!quarantine_find(quarantine_of(call), str_of(device->id), &record)) {
        refuse_unknown(call, device->id);
        return;
    }
    str_copy(str_of(record.key), device->key, sizeof device->key);
    str_copy(str_of(record.model), device->model, sizeof device->model);
    if (admin_call_has(call, "owner"))
        admin_user_resolve(call, "owner", on_owner);
    else
        create(call);
}

void admin_quarantine_reject(struct admin_call *call)
{
    char id[STORE_DEVICE_ID_CAP];

    if (!admin_call_word(call, "id", admin_text_check_device_id, id, sizeof id))
        return;
    if (!quarantine_reject(quarantine_of(call), str_of(id)))
        refuse_unknown(call, id);
    else
        admin_call_finish(call);
}

void admin_quarantine_clear(struct admin_call *call)
{
    size_t count = quarantine_clear(quarantine_of(call));

    json_out_int(admin_call_begin_result(call), "forgotten", (int64_t)count);
    admin_call_finish(call);
}
