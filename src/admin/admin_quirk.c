#include "admin/admin_quirk.h"

#include "base/nearest.h"
#include "store/store_app.h"
#include "store/store_record.h"

struct row {
    const char *name;
    unsigned quirks;
};

static const struct row QUIRKS[] = {
    {"missing-parameters", APP_QUIRK_MISSING_PARAMETERS},
    {"unverified-sign", APP_QUIRK_UNVERIFIED_SIGN},
    {"dispatch-unauthorized", APP_QUIRK_DISPATCH_UNAUTHORIZED},
};

/* What each client sends to dispatch: docs/protocol.md, the table of dispatch requests seen. */
static const struct row PRESETS[] = {
    /* Dispatches with "Bearer null" when its login failed, and is to be told by the socket. */
    {"ewelink-api", APP_QUIRK_DISPATCH_UNAUTHORIZED},
    /* Dispatches by a GET without token and parameters. */
    {"ewelink-api-next", APP_QUIRK_DISPATCH_UNAUTHORIZED | APP_QUIRK_MISSING_PARAMETERS},
    /* Dispatches by an authorized GET, in older versions by a complete POST. */
    {"sonofflan", 0},
    /* Leaves "accept" out. */
    {"homebridge-ewelink", APP_QUIRK_MISSING_PARAMETERS},
    {"homebridge-ewelink-legacy", APP_QUIRK_MISSING_PARAMETERS},
    /* Never dispatches. */
    {"ewelink-api-java", 0},
    /* Dispatch with an empty body. */
    {"hass-sonoff-ewelink", APP_QUIRK_MISSING_PARAMETERS},
    {"coolkit-client", APP_QUIRK_MISSING_PARAMETERS},
};

enum {
    QUIRK_COUNT = sizeof QUIRKS / sizeof *QUIRKS,
    PRESET_COUNT = sizeof PRESETS / sizeof *PRESETS,
};

static bool add(const struct row *rows, size_t count, struct str name, unsigned *quirks)
{
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(name, str_of(rows[i].name)))
            continue;
        *quirks |= rows[i].quirks;
        return true;
    }
    return false;
}

bool admin_quirk_add(struct str name, unsigned *quirks)
{
    return add(QUIRKS, QUIRK_COUNT, name, quirks);
}

bool admin_quirk_add_preset(struct str client, unsigned *quirks)
{
    return add(PRESETS, PRESET_COUNT, client, quirks);
}

static const char *nearest(const struct row *rows, size_t count, struct str name)
{
    const char *names[QUIRK_COUNT > PRESET_COUNT ? QUIRK_COUNT : PRESET_COUNT];

    for (size_t i = 0; i < count; i++)
        names[i] = rows[i].name;
    return nearest_name(name, names, count);
}

const char *admin_quirk_nearest(struct str name)
{
    return nearest(QUIRKS, QUIRK_COUNT, name);
}

const char *admin_quirk_nearest_preset(struct str client)
{
    return nearest(PRESETS, PRESET_COUNT, client);
}

void admin_quirk_write(struct json_out *out, const char *key, unsigned quirks)
{
    json_out_array(out, key);
    for (size_t i = 0; i < QUIRK_COUNT; i++)
        if (quirks & QUIRKS[i].quirks)
            json_out_str(out, NULL, str_of(QUIRKS[i].name));
    json_out_end_array(out);
}
