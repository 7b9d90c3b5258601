#include "server/doors.h"

#include "base/json_out.h"

#include <assert.h>
#include <unistd.h>

static bool expects_proxy(const struct config *config, enum door_kind kind)
{
    switch ((enum option_proxy)config->listen_proxy_protocol) {
    case OPTION_PROXY_ALL:
        return true;
    case OPTION_PROXY_PLAIN:
        return kind == DOOR_PLAIN;
    case OPTION_PROXY_OFF:
        break;
    }
    return false;
}

static void add(struct doors *doors, const struct config *config, enum door_kind kind,
                const struct address_list *addresses)
{
    for (size_t i = 0; i < addresses->count; i++) {
        assert(doors->count < DOORS_MAX);
        doors->items[doors->count++] = (struct door){
            .kind = kind,
            .address = addresses->items[i],
            .expects_proxy = expects_proxy(config, kind),
        };
    }
}

void doors_from_config(const struct config *config, struct doors *out)
{
    out->count = 0;
    add(out, config, DOOR_TLS, &config->listen_tls);
    add(out, config, DOOR_TLS_OLD, &config->listen_tls_old);
    add(out, config, DOOR_PLAIN, &config->listen_plain);
}

bool doors_have(const struct doors *doors, enum door_kind kind)
{
    for (size_t i = 0; i < doors->count; i++)
        if (doors->items[i].kind == kind)
            return true;
    return false;
}

const char *doors_kind_name(enum door_kind kind)
{
    static const char *const names[] = {
        [DOOR_TLS] = "tls",
        [DOOR_TLS_OLD] = "tls_old",
        [DOOR_PLAIN] = "plain",
        [DOOR_ADMIN] = "admin",
    };

    return names[kind];
}

static void warn_of(const struct door *door, const char *address, struct log *log)
{
    bool is_local = address_is_loopback(&door->address);

    if (door->kind == DOOR_TLS_OLD)
        log_warn(log, "listener.weak", "address=%s reason=\"TLS 1.0 and 1.1 are accepted here\"",
                 address);
    if (door->kind == DOOR_PLAIN && !is_local)
        log_warn(log, "listener.weak",
                 "address=%s reason=\"no TLS, and not on a loopback address: credentials can be "
                 "read on the way\"",
                 address);
    if (door->kind == DOOR_ADMIN && !is_local)
        log_warn(log, "listener.weak",
                 "address=%s reason=\"metrics can be read by whoever reaches it\"", address);
}

void doors_log(const struct doors *doors, struct log *log)
{
    char text[ADDRESS_TEXT_CAP];

    for (size_t i = 0; i < doors->count; i++) {
        const struct door *door = &doors->items[i];
        const char *address = address_format(&door->address, text);

        log_info(log, "listener.open", "address=%s kind=%s proxy_protocol=%s", address,
                 doors_kind_name(door->kind), door->expects_proxy ? "yes" : "no");
        warn_of(door, address, log);
    }
}

void doors_format(const struct doors *doors, const char *control_path, struct buf *out)
{
    struct json_out json = json_out_to(out);
    char text[ADDRESS_TEXT_CAP];

    json_out_object(&json, NULL);
    json_out_int(&json, "pid", getpid());
    json_out_array(&json, "listeners");
    for (size_t i = 0; i < doors->count; i++) {
        const struct door *door = &doors->items[i];

        json_out_object(&json, NULL);
        json_out_str(&json, "kind", str_of(doors_kind_name(door->kind)));
        json_out_str(&json, "address", str_of(address_format(&door->address, text)));
        json_out_int(&json, "port", door->address.port);
        json_out_end_object(&json);
    }
    json_out_end_array(&json);
    json_out_str(&json, "control", str_of(control_path));
    json_out_end_object(&json);
    buf_append_byte(out, '\n');
}
