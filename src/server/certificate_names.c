#include "server/certificate_names.h"

#include "net/host_address.h"
#include "server/host_name.h"

static bool has(const struct certificate_names *names, struct str name)
{
    for (size_t i = 0; i < names->count; i++)
        if (str_eq_nocase(names->views[i], name))
            return true;
    return false;
}

static void add(struct certificate_names *names, const char *text)
{
    struct str name = str_of(text);

    if (name.len == 0 || name.len >= CERTIFICATE_NAME_CAP || names->count == CERTIFICATE_NAMES_MAX)
        return;
    if (has(names, name))
        return;

    char *room = names->texts[names->count];

    str_copy(name, room, CERTIFICATE_NAME_CAP);
    names->views[names->count++] = str_of(room);
}

static void add_addresses(struct certificate_names *names)
{
    struct address found[CERTIFICATE_NAMES_MAX];
    size_t count = host_address_list(found, CERTIFICATE_NAMES_MAX);
    char text[ADDRESS_TEXT_CAP];

    for (size_t i = 0; i < count; i++)
        add(names, address_format_ip(&found[i], text));
}

void certificate_names_collect(const struct config *config, struct certificate_names *out)
{
    char host[HOST_NAME_CAP];

    out->count = 0;
    for (size_t i = 0; i < config->tls_names.count; i++)
        add(out, config->tls_names.items[i]);
    if (out->count > 0)
        return;
    add(out, config->advertise_domain);
    add(out, config->advertise_ip);
    if (host_name_read(host))
        add(out, host);
    add(out, "localhost");
    add(out, "127.0.0.1");
    add(out, "::1");
    add_addresses(out);
}
