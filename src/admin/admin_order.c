#include "admin/admin_order.h"

#include "admin/admin_device.h"
#include "admin/admin_text.h"
#include "base/hex.h"
#include "domain/order.h"
#include "net/address.h"
#include "proto/message_order.h"
#include "store/store_device.h"
#include "store/store_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    BINARIES_MAX = 4,
    BINARY_CAP = 512,
    VERSION_CAP = 64,
    DIGEST_BYTES = 32,
    IPV4_CAP = 16,
    HTTPS_PORT = 443,
};

struct upgrade {
    char version[VERSION_CAP];
    char model[STORE_MODEL_CAP];
    char texts[BINARIES_MAX][BINARY_CAP]; /* DIGEST=URL */
    struct message_binary binaries[BINARIES_MAX];
    size_t count;
};

/* A call's state. */
struct command {
    enum command_kind kind;
    char id[STORE_DEVICE_ID_CAP];
    struct upgrade upgrade;
    char ip[IPV4_CAP]; /* of a redirect */
    uint64_t port;
};

static void refuse_outcome(struct admin_call *call, enum command_outcome outcome, int64_t error)
{
    const struct command *state = admin_call_state(call, sizeof *state);
    const char *id = state->id;

    switch (outcome) {
    case COMMAND_OFFLINE:
        admin_call_refuse(call, ERR_NOT_FOUND, "`switchyard ctl conn list` shows the open ones",
                          "the device '%s' has no open link", id);
        break;
    case COMMAND_DEVICE_ERROR:
        admin_call_refuse(call, ERR_INVALID, NULL, "the device '%s' refuses: error %" PRId64, id,
                          error);
        break;
    case COMMAND_TIMEOUT:
        admin_call_refuse(call, ERR_UNAVAILABLE, "some firmware does as it is told without a word",
                          "the device '%s' has been told, and has not answered", id);
        break;
    case COMMAND_TOO_LARGE:
        admin_call_refuse(call, ERR_TOO_LARGE, "shorter addresses, or fewer files",
                          "that is more than the device '%s' can read", id);
        break;
    case COMMAND_BUSY:
        admin_call_refuse_failure(call, ERR_FULL);
        break;
    case COMMAND_FORBIDDEN: /* its owner has changed just now */
        admin_call_refuse_failure(call, ERR_NOT_FOUND);
        break;
    case COMMAND_OK:
    case COMMAND_INVALID:
    case COMMAND_FAILED:
        admin_call_refuse_failure(call, ERR_INTERNAL);
        break;
    }
}

static void on_done(void *ctx, enum command_outcome outcome, int64_t error)
{
    struct admin_call *call = ctx;
    const struct command *state = admin_call_state(call, sizeof *state);
    struct json_out *out;

    if (outcome != COMMAND_OK) {
        refuse_outcome(call, outcome, error);
        return;
    }
    out = admin_call_begin_result(call);
    json_out_str(out, "id", str_of(state->id));
    json_out_str(out, "answer", state->kind == COMMAND_NOTIFY ? STR("sent") : STR("done"));
    admin_call_finish(call);
}

static void format_params(const struct command *state, const struct device_record *device,
                          struct buf *out)
{
    const struct upgrade *upgrade = &state->upgrade;
    const char *model = upgrade->model[0] != '\0' ? upgrade->model : device->model;
    const struct message_firmware firmware = {str_of(upgrade->version), str_of(model),
                                              upgrade->binaries, upgrade->count};

    if (state->kind == COMMAND_UPGRADE)
        message_order_format_upgrade(out, &firmware);
    else if (state->kind == COMMAND_REDIRECT)
        message_order_format_redirect(out, str_of(state->ip), (uint16_t)state->port);
}

static void on_device(void *ctx, enum err err, const struct device_record *device)
{
    struct admin_call *call = ctx;
    const struct command *state = admin_call_state(call, sizeof *state);
    struct buf params = BUF_EMPTY;
    struct order order = {.kind = state->kind, .deviceid = str_of(state->id)};

    if (err) {
        admin_device_refuse(call, err, state->id);
    } else if (device->owner[0] == '\0') {
        admin_call_refuse(call, ERR_NOT_FOUND, "such a device can not register",
                          "the device '%s' belongs to nobody", state->id);
    } else {
        format_params(state, device, &params);
        order.owner = str_of(device->owner);
        if (params.len > 0)
            order.params = (struct json_value){.kind = JSON_OBJECT, .raw = buf_str(&params)};
        order_give(admin_call_config(call)->workers, admin_call_mailbox(call), &order, on_done,
                   call);
        buf_free(&params);
    }
}

/* All that was told is sound: finds the device. */
static void start(struct admin_call *call)
{
    struct command *state = admin_call_state(call, sizeof *state);
    enum err err = store_device_find(admin_call_config(call)->store, admin_call_mailbox(call),
                                     str_of(state->id), on_device, call);

    if (err)
        admin_call_refuse_failure(call, err);
}

/* False: the call has been refused. */
static bool begin(struct admin_call *call, enum command_kind kind, struct command **out)
{
    struct command *state = admin_call_state(call, sizeof *state);

    state->kind = kind;
    *out = state;
    return admin_call_word(call, "id", admin_text_check_device_id, state->id, sizeof state->id);
}

void admin_order_restart(struct admin_call *call)
{
    struct command *state;

    if (begin(call, COMMAND_RESTART, &state))
        start(call);
}

void admin_order_notify(struct admin_call *call)
{
    struct command *state;

    if (begin(call, COMMAND_NOTIFY, &state))
        start(call);
}

static bool is_ipv4(const char *ip)
{
    char text[IPV4_CAP + sizeof ":1"];
    char back[ADDRESS_TEXT_CAP];
    struct address address;

    snprintf(text, sizeof text, "%s:1", ip);
    return address_parse(str_of(text), &address) == ERR_NONE && !address.is_v6 &&
           !address_is_any(&address) && strcmp(address_format_ip(&address, back), ip) == 0;
}

void admin_order_redirect(struct admin_call *call)
{
    struct command *state;
    char ip[ADDRESS_TEXT_CAP];

    if (!begin(call, COMMAND_REDIRECT, &state) || !admin_call_text(call, "ip", ip, sizeof ip) ||
        !admin_call_number(call, "port", HTTPS_PORT, &state->port))
        return;
    if (!str_copy(str_of(ip), state->ip, sizeof state->ip) || !is_ipv4(state->ip))
        admin_call_refuse(call, ERR_INVALID, "firmware knows no other",
                          "'ip' must be an IPv4 address");
    else if (state->port == 0 || state->port > UINT16_MAX)
        admin_call_refuse(call, ERR_INVALID, NULL, "'port' must be 1 to 65535");
    else
        start(call);
}

/* "DIGEST=URL", the file's name being the end of its address. */
static bool read_binary(struct str text, struct message_binary *out)
{
    char digest[DIGEST_BYTES];
    size_t equals = str_find(text, '=');
    size_t slash;

    out->digest = str_sub(text, 0, equals);
    out->url = str_sub(text, equals + 1, text.len);
    if (!hex_parse(out->digest, digest, sizeof digest) ||
        !str_eq(str_sub(out->url, 0, 7), STR("http://")))
        return false;
    out->name = str_sub(out->url, 7, out->url.len);
    while ((slash = str_find(out->name, '/')) < out->name.len)
        out->name = str_sub(out->name, slash + 1, out->name.len);
    return out->name.len > 0;
}

static bool read_binaries(struct admin_call *call, struct upgrade *upgrade)
{
    struct str rest = admin_call_value(call, "binary").raw;
    struct json_value item;

    while (json_array_next(&rest, &item)) {
        char *text = upgrade->texts[upgrade->count % BINARIES_MAX];

        if (upgrade->count == BINARIES_MAX || !json_to_text(item, text, BINARY_CAP) ||
            !read_binary(str_of(text), &upgrade->binaries[upgrade->count++])) {
            admin_call_refuse(call, ERR_INVALID, "firmware fetches by http alone, and checks them",
                              "'binary' must be a SHA-256 and an address, as DIGEST=http://..., "
                              "one to %d times",
                              BINARIES_MAX);
            return false;
        }
    }
    if (upgrade->count > 0)
        return true;
    admin_call_refuse(call, ERR_INVALID, NULL, "'binary' is missing");
    return false;
}

void admin_order_upgrade(struct admin_call *call)
{
    struct command *state;

    if (begin(call, COMMAND_UPGRADE, &state) &&
        admin_call_word(call, "version", admin_text_check_label, state->upgrade.version,
                        sizeof state->upgrade.version) &&
        admin_call_word(call, "model", admin_text_check_label, state->upgrade.model,
                        sizeof state->upgrade.model) &&
        read_binaries(call, &state->upgrade))
        start(call);
}
