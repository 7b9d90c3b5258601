#include "api/api_holding.h"

#include "api/api_private.h"
#include "base/alloc.h"
#include "base/crypto.h"
#include "domain/params.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { FAMILY_BYTES = (API_FAMILY_CAP - 1) / 2, MAX_CHANNELS = 4 };

void api_holding_family(const char *apikey, char out[API_FAMILY_CAP])
{
    uint8_t hash[CRYPTO_SHA256_BYTES];
    char text[sizeof "home:" + STORE_APIKEY_CAP];

    snprintf(text, sizeof text, "home:%s", apikey);
    crypto_sha256(str_of(text), hash);
    crypto_hex(hash, FAMILY_BYTES, out);
}

/*
 * What a device seems to be that nobody has told of: a switch with as many channels as it reports.
 * These kinds are numbered by their channels, and clients refuse channels beyond.
 */
static int64_t usual_uiid(struct str params)
{
    const struct json_value name = {.kind = JSON_STRING, .raw = STR("\"switches\"")};
    struct buf found = BUF_EMPTY;
    struct json_member switches;
    struct json_value channel;
    size_t count;
    int64_t channels = 0;

    if (params_select(&found, params, name) == 1 &&
        json_scan_object(buf_str(&found), &switches, 1, &count) == ERR_NONE) {
        struct str rest = switches.value.kind == JSON_ARRAY ? switches.value.raw : STR_EMPTY;

        while (channels < MAX_CHANNELS && rest.len > 0 && json_array_next(&rest, &channel))
            channels++;
    }
    buf_free(&found);
    return channels > 0 ? channels : 1;
}

static void add_told(struct rest_device *out, const struct holding_record *told)
{
    if (told->uiid != 0)
        out->uiid = told->uiid;
    out->brand = str_of(told->brand);
    out->product = str_of(told->product);
    out->maker = str_of(told->maker);
    out->mac = str_of(told->mac);
    out->apmac = str_of(told->apmac);
    out->chipid = str_of(told->chipid);
    out->description = str_of(told->description);
    out->settings = str_of(told->settings);
    out->tags = str_of(told->tags);
}

static struct rest_share share_of(const struct share_record *record, bool by_owner)
{
    return (struct rest_share){
        .apikey = str_of(by_owner ? record->owner : record->sharee),
        .account = str_of(by_owner ? record->owner_account : record->sharee_account),
        .comment = str_of(record->note),
        .permit = (int64_t)record->permit,
        .shared_ms = record->created_ms,
    };
}

/* To a sharee it has the name that its owner gave it for him, and keeps its key to itself. */
static void add_shares(struct api *api, const struct holding *holding, struct rest_device *out)
{
    if (holding->share != NULL) {
        api->shares[0] = share_of(holding->share, true);
        out->shared_by = api->shares;
        out->key = STR_EMPTY;
        if (holding->share->name[0] != '\0')
            out->name = str_of(holding->share->name);
        return;
    }
    assert(holding->share_count <= API_MAX_SHARES);
    for (size_t i = 0; i < holding->share_count; i++)
        api->shares[i] = share_of(&holding->shares[i], false);
    out->shared_to = api->shares;
    out->shared_to_count = holding->share_count;
}

/* Members stand by device: the first of this one is looked for by halves. */
static void add_groups(const struct api_call *call, struct rest_device *out)
{
    struct api *api = call->api;
    size_t low = 0;
    size_t high = call->member_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (str_cmp(str_of(call->members[middle].deviceid), out->id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < call->member_count && out->group_count < API_MAX_GROUPS; low++) {
        if (!str_eq(str_of(call->members[low].deviceid), out->id))
            break;
        api->groups[out->group_count++] = str_of(call->members[low].grouping);
    }
    out->groups = api->groups;
}

void api_holding_view(struct api_call *call, const struct holding *holding, const char *family,
                      struct rest_device *out)
{
    const struct device_record *device = &holding->device;

    *out = (struct rest_device){
        .id = str_of(device->id),
        .owner = str_of(device->owner),
        .key = str_of(device->key),
        .name = str_of(device->name),
        .model = str_of(device->model),
        .params = str_of(device->params),
        .family = str_of(family),
        .uiid = usual_uiid(str_of(device->params)),
        .created_ms = device->created_ms,
        .online_ms = device->online_ms,
        .offline_ms = device->offline_ms,
        .is_online = holding->is_online,
    };
    if (holding->told != NULL)
        add_told(out, holding->told);
    add_shares(call->api, holding, out);
    add_groups(call, out);
}

int api_holding_error(enum err err)
{
    return err == ERR_INVALID ? 400 : 500;
}

/* Until the account's groups are known. */
struct lookup {
    struct api_call *call;
    inventory_fn on_found;
    struct str ids[INVENTORY_MAX_IDS];
    size_t count;
    char text[];
};

static void find(struct api_call *call, const struct lookup *lookup)
{
    const struct inventory_search search = {
        .apikey = str_of(call->grant.apikey),
        .ids = lookup->count > 0 ? lookup->ids : NULL,
        .count = lookup->count,
        .on_found = lookup->on_found,
        .ctx = call,
    };
    enum err err = inventory_find(call->api->config.inventory, &search);

    if (err != ERR_NONE)
        api_call_refuse(call, api_holding_error(err));
}

static void on_members(void *ctx, enum err err, struct grouping_member *members, size_t count)
{
    struct lookup *lookup = ctx;
    struct api_call *call = lookup->call;

    free(call->members);
    call->members = members;
    call->member_count = count;
    if (err != ERR_NONE)
        api_call_refuse(call, 500);
    else
        find(call, lookup);
    free(lookup);
}

void api_holding_find(struct api_call *call, const struct str *ids, size_t count,
                      inventory_fn on_found)
{
    struct lookup *lookup;
    size_t bytes = 0;
    char *at;

    for (size_t i = 0; i < count; i++)
        bytes += ids[i].len;
    lookup = alloc_zero(sizeof *lookup + bytes);
    at = lookup->text;
    lookup->call = call;
    lookup->on_found = on_found;
    lookup->count = count;
    for (size_t i = 0; i < count; i++)
        lookup->ids[i] = str_place(&at, ids[i]);
    groupings_find_members(call->api->config.groupings, str_of(call->grant.apikey), on_members,
                           lookup);
}
