#include "domain/handover.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "domain/params.h"
#include "store/store_device.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { HEX_CAP = 2 * CRYPTO_SHA256_BYTES + 1 };

struct handover {
    struct handover_config config;
    size_t waits; /* deeds under way */
};

enum deed_kind { DEED_CLAIM, DEED_CHANGE, DEED_RELEASE };

/* One of the three, from its beginning to its end. */
struct deed {
    struct handover *handover;
    enum deed_kind kind;
    handover_fn on_end;
    void *ctx;
    struct holding_change change;
    bool merges_tags;
    bool was_his; /* a claim of what he has already */
    char key[STORE_DEVICE_KEY_CAP];
    char digest[HEX_CAP];
    char gsm_id[STORE_GSM_ID_CAP];
    char model[STORE_MODEL_CAP];
};

struct handover *handover_new(const struct handover_config *config)
{
    struct handover *handover = alloc_zero(sizeof *handover);

    handover->config = *config;
    return handover;
}

void handover_free(struct handover *handover)
{
    if (handover == NULL)
        return;
    assert(handover->waits == 0);
    free(handover);
}

bool handover_is_idle(const struct handover *handover)
{
    return handover->waits == 0;
}

static void end(struct deed *deed, enum handover_outcome outcome)
{
    deed->handover->waits--;
    deed->on_end(deed->ctx, outcome, str_of(deed->change.deviceid));
    crypto_wipe(deed->key, sizeof deed->key);
    free(deed);
}

static enum handover_outcome outcome_of(enum err err)
{
    if (err == ERR_NOT_FOUND)
        return HANDOVER_UNKNOWN;
    if (err == ERR_EXISTS)
        return HANDOVER_TAKEN;
    return err == ERR_INVALID || err == ERR_TOO_LARGE ? HANDOVER_INVALID : HANDOVER_FAILED;
}

/* All workers drop what they know of it; the link of a device that left is let go. */
static enum err publish(const struct deed *deed)
{
    struct bus_event event = {.topic = BUS_DEVICE_CHANGED};

    (void)str_copy(str_of(deed->change.deviceid), event.subject, sizeof event.subject);
    if (deed->kind == DEED_RELEASE)
        (void)str_copy(str_of(deed->change.owner), event.account, sizeof event.account);
    return bus_publish(deed->handover->config.bus, &event);
}

static void on_written(void *ctx, enum err err)
{
    struct deed *deed = ctx;
    bool moves = deed->kind == DEED_RELEASE || (deed->kind == DEED_CLAIM && !deed->was_his);

    if (err == ERR_NONE && moves)
        err = publish(deed);
    end(deed, err == ERR_NONE ? HANDOVER_DONE : outcome_of(err));
}

static void tell(const struct deed *deed, enum device_event_kind kind)
{
    const struct handover_config *config = &deed->handover->config;
    const struct device_event event = {
        .kind = kind,
        .at_ms = config->wall_ms(config->ctx),
        .deviceid = str_of(deed->change.deviceid),
        .owner = str_of(deed->change.owner),
        .source = DEVICE_SOURCE_REST,
        .account = str_of(deed->change.owner),
        .name = kind == DEVICE_REMOVED ? STR_EMPTY : str_of(deed->change.name),
        .model = kind == DEVICE_ADDED ? str_of(deed->model) : STR_EMPTY,
    };

    device_event_tell(config->watchers, &event);
}

static void tell_all(const struct deed *deed)
{
    if (deed->kind == DEED_RELEASE)
        tell(deed, DEVICE_REMOVED);
    else if (deed->kind == DEED_CLAIM && !deed->was_his)
        tell(deed, DEVICE_ADDED);
    else if (deed->change.has_name)
        tell(deed, DEVICE_RENAMED);
}

static enum err submit(struct deed *deed)
{
    const struct handover_config *config = &deed->handover->config;

    switch (deed->kind) {
    case DEED_CLAIM:
        return store_holding_claim(config->store, config->mailbox, &deed->change, on_written, deed);
    case DEED_CHANGE:
        return store_holding_change(config->store, config->mailbox, &deed->change, on_written,
                                    deed);
    case DEED_RELEASE:
        return store_holding_release(config->store, config->mailbox, &deed->change, on_written,
                                     deed);
    }
    return ERR_INTERNAL;
}

static void write_deed(struct deed *deed)
{
    enum err err;

    tell_all(deed);
    err = submit(deed);
    if (err != ERR_NONE)
        end(deed, outcome_of(err));
}

static enum err merge_tags(struct deed *deed, const struct holding_record *told)
{
    struct holding_change *change = &deed->change;
    struct json_value tags;
    struct buf merged = BUF_EMPTY;
    enum err err;

    if (!deed->merges_tags || !change->has_tags || told == NULL)
        return ERR_NONE;
    err = json_scan(str_of(change->tags), &tags);
    if (err == ERR_NONE)
        err = params_merge(&merged, str_of(told->tags), tags, sizeof change->tags - 1);
    if (err == ERR_NONE && !str_copy(buf_str(&merged), change->tags, sizeof change->tags))
        err = ERR_TOO_LARGE;
    buf_free(&merged);
    return err;
}

/* What is told of it beside its state: may it be so? */
static void on_told(void *ctx, enum err err, const struct holding_record *told)
{
    struct deed *deed = ctx;
    const char *chipid = deed->change.chipid;

    if (err == ERR_NOT_FOUND)
        err = ERR_NONE;
    if (err == ERR_NONE)
        err = merge_tags(deed, told);
    if (err != ERR_NONE)
        end(deed, outcome_of(err));
    else if (told != NULL && chipid[0] != '\0' && told->chipid[0] != '\0' &&
             strcmp(chipid, told->chipid) != 0)
        end(deed, HANDOVER_WRONG_CHIP);
    else
        write_deed(deed);
}

static void look_closer(struct deed *deed)
{
    const struct handover_config *config = &deed->handover->config;
    enum err err;

    if (deed->change.chipid[0] == '\0' && !deed->merges_tags) {
        write_deed(deed);
        return;
    }
    err = store_holding_find(config->store, config->mailbox, str_of(deed->change.deviceid), on_told,
                             deed);
    if (err != ERR_NONE)
        end(deed, outcome_of(err));
}

/* A digest proves the key as the key does. */
static bool shows_key(const struct deed *deed, const struct device_record *device)
{
    char text[STORE_DEVICE_ID_CAP + STORE_DEVICE_KEY_CAP];
    struct buf both = BUF_EMPTY;
    uint8_t hash[CRYPTO_SHA256_BYTES];

    if (deed->gsm_id[0] != '\0')
        return true; /* it is what the device was found by */
    if (deed->digest[0] == '\0')
        return crypto_equal(str_of(deed->key), str_of(device->key));
    buf_append(&both, str_of(device->id));
    buf_append(&both, str_of(device->key));
    crypto_sha256(buf_str(&both), hash);
    crypto_hex(hash, sizeof hash, text);
    crypto_wipe(both.ptr, both.len);
    buf_free(&both);
    return crypto_equal(str_of(deed->digest), str_of(text));
}

static void judge_claim(struct deed *deed, const struct device_record *device)
{
    deed->was_his = strcmp(device->owner, deed->change.owner) == 0;
    (void)str_copy(str_of(device->model), deed->model, sizeof deed->model);
    if (!shows_key(deed, device))
        end(deed, HANDOVER_WRONG_KEY);
    else if (device->owner[0] != '\0' && !deed->was_his)
        end(deed, HANDOVER_TAKEN);
    else
        look_closer(deed);
}

static void on_device(void *ctx, enum err err, const struct device_record *device)
{
    struct deed *deed = ctx;

    if (err != ERR_NONE)
        end(deed, outcome_of(err));
    else if (deed->kind == DEED_CLAIM)
        judge_claim(deed, device);
    else if (strcmp(device->owner, deed->change.owner) != 0)
        end(deed, HANDOVER_UNKNOWN);
    else
        look_closer(deed);
}

static void find_device(struct deed *deed)
{
    const struct handover_config *config = &deed->handover->config;
    enum err err = store_device_find(config->store, config->mailbox, str_of(deed->change.deviceid),
                                     on_device, deed);

    if (err != ERR_NONE)
        end(deed, outcome_of(err));
}

static void on_labelled(void *ctx, enum err err, const struct holding_record *told)
{
    struct deed *deed = ctx;

    if (err != ERR_NONE) {
        end(deed, outcome_of(err));
        return;
    }
    (void)str_copy(str_of(told->deviceid), deed->change.deviceid, sizeof deed->change.deviceid);
    find_device(deed);
}

static void find_labelled(struct deed *deed)
{
    const struct handover_config *config = &deed->handover->config;
    enum err err = store_holding_find_gsm(config->store, config->mailbox, str_of(deed->gsm_id),
                                          on_labelled, deed);

    if (err != ERR_NONE)
        end(deed, outcome_of(err));
}

static struct deed *deed_new(struct handover *handover, enum deed_kind kind, handover_fn on_end,
                             void *ctx)
{
    struct deed *deed = alloc_zero(sizeof *deed);

    deed->handover = handover;
    deed->kind = kind;
    deed->on_end = on_end;
    deed->ctx = ctx;
    handover->waits++;
    return deed;
}

/* ptr NULL: nothing is said. False: it does not fit. */
static bool take(struct str text, char *out, size_t cap, bool *has)
{
    *has = text.ptr != NULL;
    return str_copy(text, out, cap);
}

static bool take_claim(struct deed *deed, const struct handover_claim *claim)
{
    struct holding_change *change = &deed->change;

    return str_copy(claim->owner, change->owner, sizeof change->owner) &&
           str_copy(claim->deviceid, change->deviceid, sizeof change->deviceid) &&
           str_copy(claim->key, deed->key, sizeof deed->key) &&
           str_copy(claim->digest, deed->digest, sizeof deed->digest) &&
           str_copy(claim->gsm_id, deed->gsm_id, sizeof deed->gsm_id) &&
           str_copy(claim->chipid, change->chipid, sizeof change->chipid) &&
           take(claim->name, change->name, sizeof change->name, &change->has_name) &&
           take(claim->settings, change->settings, sizeof change->settings, &change->has_settings);
}

void handover_claim(struct handover *handover, const struct handover_claim *claim)
{
    struct deed *deed = deed_new(handover, DEED_CLAIM, claim->on_end, claim->ctx);
    bool has_proof = claim->key.len > 0 || claim->digest.len > 0;
    bool names_device = has_proof && claim->deviceid.len > 0;

    if (!take_claim(deed, claim) || (claim->gsm_id.len == 0 && !names_device))
        end(deed, HANDOVER_INVALID);
    else if (claim->gsm_id.len > 0)
        find_labelled(deed);
    else
        find_device(deed);
}

static void begin_change(struct handover *handover, enum deed_kind kind,
                         const struct handover_change *asked)
{
    struct deed *deed = deed_new(handover, kind, asked->on_end, asked->ctx);
    struct holding_change *change = &deed->change;

    deed->merges_tags = asked->merges_tags;
    if (asked->deviceid.len == 0 || !str_copy(asked->owner, change->owner, sizeof change->owner) ||
        !str_copy(asked->deviceid, change->deviceid, sizeof change->deviceid) ||
        !take(asked->name, change->name, sizeof change->name, &change->has_name) ||
        !take(asked->settings, change->settings, sizeof change->settings, &change->has_settings) ||
        !take(asked->tags, change->tags, sizeof change->tags, &change->has_tags))
        end(deed, HANDOVER_INVALID);
    else
        find_device(deed);
}

void handover_change(struct handover *handover, const struct handover_change *change)
{
    begin_change(handover, DEED_CHANGE, change);
}

void handover_release(struct handover *handover, const struct handover_change *change)
{
    begin_change(handover, DEED_RELEASE, change);
}
