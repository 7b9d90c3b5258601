#include "admin/admin_holding.h"

#include "admin/admin_device.h"
#include "admin/admin_text.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "store/store_device.h"
#include "store/store_holding.h"

enum { UIID_MAX = 65535 };

static void refuse(struct admin_call *call, enum err err)
{
    const struct holding_record *state = admin_call_state(call, sizeof *state);

    if (err == ERR_EXISTS)
        admin_call_refuse(call, err, NULL, "another device has that label");
    else
        admin_device_refuse(call, err, state->deviceid);
}

static void write_holding(struct json_out *out, const struct holding_record *told)
{
    json_out_str(out, "id", str_of(told->deviceid));
    json_out_int(out, "uiid", told->uiid);
    json_out_str(out, "brand", str_of(told->brand));
    json_out_str(out, "product", str_of(told->product));
    json_out_str(out, "maker", str_of(told->maker));
    json_out_str(out, "mac", str_of(told->mac));
    json_out_str(out, "apmac", str_of(told->apmac));
    json_out_str(out, "chipid", str_of(told->chipid));
    json_out_str(out, "description", str_of(told->description));
    json_out_str(out, "gsm_id", str_of(told->gsm_id));
}

static void on_described(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    const struct holding_record *state = admin_call_state(call, sizeof *state);
    struct json_out *out;

    if (err != ERR_NONE) {
        refuse(call, err);
        return;
    }
    out = admin_call_begin_result(call);
    write_holding(out, state);
    admin_call_finish(call);
}

/* False when the call has been refused. What is not given stays. */
static bool take(struct admin_call *call, const char *name, char *out, size_t cap)
{
    return !admin_call_has(call, name) ||
           admin_call_word(call, name, admin_text_check_label, out, cap);
}

static bool take_uiid(struct admin_call *call, int64_t *out)
{
    uint64_t uiid;

    if (!admin_call_number(call, "uiid", (uint64_t)*out, &uiid))
        return false;
    if (uiid > UIID_MAX) {
        admin_call_refuse(call, ERR_INVALID, NULL, "'uiid' is a number from 1 to %d", UIID_MAX);
        return false;
    }
    *out = (int64_t)uiid;
    return true;
}

static bool take_all(struct admin_call *call, struct holding_record *state)
{
    return take_uiid(call, &state->uiid) &&
           take(call, "brand", state->brand, sizeof state->brand) &&
           take(call, "product", state->product, sizeof state->product) &&
           take(call, "maker", state->maker, sizeof state->maker) &&
           take(call, "mac", state->mac, sizeof state->mac) &&
           take(call, "apmac", state->apmac, sizeof state->apmac) &&
           take(call, "chipid", state->chipid, sizeof state->chipid) &&
           take(call, "description", state->description, sizeof state->description);
}

static void describe(struct admin_call *call)
{
    struct holding_record *state = admin_call_state(call, sizeof *state);
    enum err err;

    if (!take_all(call, state))
        return;
    err = store_holding_describe(admin_call_config(call)->store, admin_call_mailbox(call), state,
                                 on_described, call);
    if (err != ERR_NONE)
        refuse(call, err);
}

/* What the label of a GSM device bears. */
static void on_device(void *ctx, enum err err, const struct device_record *device)
{
    struct admin_call *call = ctx;
    struct holding_record *state = admin_call_state(call, sizeof *state);
    struct buf both = BUF_EMPTY;
    uint8_t hash[CRYPTO_MD5_BYTES];

    if (err != ERR_NONE) {
        refuse(call, err);
        return;
    }
    buf_append(&both, str_of(device->id));
    buf_append(&both, str_of(device->key));
    crypto_md5(buf_str(&both), hash);
    crypto_hex(hash, sizeof hash, state->gsm_id);
    crypto_wipe(both.ptr, both.len);
    buf_free(&both);
    describe(call);
}

static void on_told(void *ctx, enum err err, const struct holding_record *told)
{
    struct admin_call *call = ctx;
    struct holding_record *state = admin_call_state(call, sizeof *state);

    if (err != ERR_NONE && err != ERR_NOT_FOUND) {
        refuse(call, err);
        return;
    }
    if (told != NULL)
        *state = *told;
    if (!admin_call_flag(call, "gsm")) {
        describe(call);
        return;
    }
    err = store_device_find(admin_call_config(call)->store, admin_call_mailbox(call),
                            str_of(state->deviceid), on_device, call);
    if (err != ERR_NONE)
        refuse(call, err);
}

void admin_holding_describe(struct admin_call *call)
{
    struct holding_record *state = admin_call_state(call, sizeof *state);
    enum err err;

    if (!admin_call_word(call, "id", admin_text_check_device_id, state->deviceid,
                         sizeof state->deviceid))
        return;
    err = store_holding_find(admin_call_config(call)->store, admin_call_mailbox(call),
                             str_of(state->deviceid), on_told, call);
    if (err != ERR_NONE)
        refuse(call, err);
}
