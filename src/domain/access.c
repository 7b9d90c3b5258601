#include "domain/access.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "base/hex.h"
#include "domain/lru.h"
#include "store/store_app.h"
#include "store/store_device.h"
#include "store/store_token.h"

#include <stdlib.h>
#include <string.h>

enum {
    TOKEN_MAX_BYTES = 256,
    MAX_LOOKUPS = 8, /* of one question: more only when revocations keep racing with it */
};

struct cached_token {
    struct lru_item item;
    struct token_record record;
};

struct cached_app {
    struct lru_item item;
    bool is_known;
    struct app_record record;
};

struct access {
    struct access_config config;
    struct lru tokens;
    struct lru apps;
    uint64_t generation; /* grows with every invalidation: an older look-up must not be cached */
    size_t waits;        /* questions that the store has not answered yet */
};

/* A question reduced to what the caches are asked with. */
struct inquiry {
    bool has_token;
    uint8_t hash[STORE_TOKEN_HASH_BYTES];
    char appid[STORE_APP_ID_CAP];
    struct access_time time;
};

enum need { NEED_NOTHING, NEED_TOKEN, NEED_APP };

/* A question that waits for the store. */
struct lookup {
    struct access *access;
    struct inquiry inquiry;
    char needed_app[STORE_APP_ID_CAP];
    uint64_t generation;
    unsigned lookups;
    access_fn on_grant;
    void *ctx;
};

static struct str token_key(const void *item)
{
    const struct cached_token *token = item;

    return (struct str){(const char *)token->record.hash, sizeof token->record.hash};
}

static struct str app_key(const void *item)
{
    const struct cached_app *app = item;

    return str_of(app->record.id);
}

struct access *access_new(const struct access_config *config)
{
    struct access *access = alloc_zero(sizeof *access);

    access->config = *config;
    lru_init(&access->tokens, token_key, config->max_cached);
    lru_init(&access->apps, app_key, config->max_cached);
    return access;
}

void access_free(struct access *access)
{
    if (access == NULL)
        return;
    lru_fini(&access->tokens);
    lru_fini(&access->apps);
    free(access);
}

bool access_is_idle(const struct access *access)
{
    return access->waits == 0;
}

static enum need judge_app(struct access *access, const char *appid, const struct inquiry *inquiry,
                           struct access_grant *grant)
{
    const struct cached_app *app = lru_find(&access->apps, str_of(appid), inquiry->time.now_ms);

    str_copy(str_of(appid), grant->appid, sizeof grant->appid);
    if (app == NULL)
        return NEED_APP;
    grant->quirks = app->record.quirks;
    grant->verdict = app->is_known && !app->record.disabled ? ACCESS_GRANTED : ACCESS_FORBIDDEN;
    grant->generation = access->generation;
    return NEED_NOTHING;
}

/* The token was issued to an app that we do not know. */
static enum need judge_without_app(const struct access *access, struct access_grant *grant)
{
    if (!access->config.unknown_apps)
        *grant = (struct access_grant){.verdict = ACCESS_FORBIDDEN};
    grant->generation = access->generation;
    return NEED_NOTHING;
}

/* Fills *grant from the caches, or says what is missing there. */
static enum need judge(struct access *access, const struct inquiry *inquiry,
                       struct access_grant *grant)
{
    const struct cached_token *token;
    const struct token_record *record;

    if (!inquiry->has_token)
        return judge_app(access, inquiry->appid, inquiry, grant);
    token =
        lru_find(&access->tokens, (struct str){(const char *)inquiry->hash, sizeof inquiry->hash},
                 inquiry->time.now_ms);
    if (token == NULL)
        return NEED_TOKEN;
    record = &token->record;
    if (record->kind != TOKEN_ACCESS || record->revoked_ms != 0) {
        grant->verdict = ACCESS_DENIED;
        return NEED_NOTHING;
    }
    if (record->expires_ms <= inquiry->time.wall_ms) {
        grant->verdict = ACCESS_EXPIRED;
        return NEED_NOTHING;
    }
    if (inquiry->appid[0] != '\0' && record->appid[0] != '\0' &&
        strcmp(inquiry->appid, record->appid) != 0) {
        grant->verdict = ACCESS_FORBIDDEN;
        return NEED_NOTHING;
    }
    str_copy(str_of(record->apikey), grant->apikey, sizeof grant->apikey);
    str_copy(str_of(record->region), grant->region, sizeof grant->region);
    memcpy(grant->token_hash, record->hash, sizeof grant->token_hash);
    if (record->appid[0] == '\0')
        return judge_without_app(access, grant);
    return judge_app(access, record->appid, inquiry, grant);
}

static void lookup_next(struct lookup *lookup);

static void lookup_answer(struct lookup *lookup, const struct access_grant *grant)
{
    lookup->access->waits--;
    lookup->on_grant(lookup->ctx, grant);
    free(lookup);
}

static void lookup_fail(struct lookup *lookup, enum access_verdict verdict)
{
    const struct access_grant grant = {.verdict = verdict};

    lookup_answer(lookup, &grant);
}

static void on_token(void *ctx, enum err err, const struct token_record *record)
{
    struct lookup *lookup = ctx;
    struct access *access = lookup->access;

    if (err != ERR_NONE) {
        lookup_fail(lookup, err == ERR_NOT_FOUND ? ACCESS_DENIED : ACCESS_FAILED);
        return;
    }
    if (lookup->generation == access->generation) {
        struct cached_token *token = alloc_zero(sizeof *token);

        token->record = *record;
        token->item.fresh_until_ms = lookup->inquiry.time.now_ms + access->config.cache_ms;
        lru_put(&access->tokens, token);
    }
    lookup_next(lookup);
}

static void on_app(void *ctx, enum err err, const struct app_record *record)
{
    struct lookup *lookup = ctx;
    struct access *access = lookup->access;

    if (err != ERR_NONE && err != ERR_NOT_FOUND) {
        lookup_fail(lookup, ACCESS_FAILED);
        return;
    }
    if (lookup->generation == access->generation) {
        struct cached_app *app = alloc_zero(sizeof *app);

        app->is_known = err == ERR_NONE;
        if (app->is_known)
            app->record = *record;
        str_copy(str_of(lookup->needed_app), app->record.id, sizeof app->record.id);
        crypto_wipe(app->record.secret, sizeof app->record.secret);
        app->item.fresh_until_ms = lookup->inquiry.time.now_ms + access->config.cache_ms;
        lru_put(&access->apps, app);
    }
    lookup_next(lookup);
}

/* Asks the store for what the caches lack; false when it is too busy. */
static bool lookup_ask(struct lookup *lookup, enum need need, const char *appid)
{
    struct access *access = lookup->access;

    lookup->generation = access->generation;
    if (lookup->lookups++ >= MAX_LOOKUPS)
        return false;
    if (need == NEED_TOKEN)
        return store_token_find(access->config.store, access->config.mailbox, lookup->inquiry.hash,
                                on_token, lookup) == ERR_NONE;
    str_copy(str_of(appid), lookup->needed_app, sizeof lookup->needed_app);
    return store_app_find(access->config.store, access->config.mailbox, str_of(lookup->needed_app),
                          on_app, lookup) == ERR_NONE;
}

/* Something new is in the caches: judges again, and answers when nothing is missing. */
static void lookup_next(struct lookup *lookup)
{
    struct access_grant grant = {0};
    enum need need = judge(lookup->access, &lookup->inquiry, &grant);

    if (need == NEED_NOTHING)
        lookup_answer(lookup, &grant);
    else if (!lookup_ask(lookup, need, grant.appid))
        lookup_fail(lookup, ACCESS_FAILED);
}

static bool is_token_text(struct str token)
{
    if (token.len == 0 || token.len > TOKEN_MAX_BYTES)
        return false;
    for (size_t i = 0; i < token.len; i++)
        if (token.ptr[i] <= ' ' || token.ptr[i] > '~')
            return false;
    return true;
}

/* False when the question answers itself; then grant->verdict is set. */
static bool inquiry_of(const struct access_question *question, struct inquiry *out,
                       struct access_grant *grant)
{
    out->has_token = question->token.ptr != NULL || question->token_hash != NULL;
    out->time = question->time;
    if (question->token_hash == NULL && out->has_token && !is_token_text(question->token)) {
        grant->verdict = ACCESS_DENIED;
        return false;
    }
    if (!str_copy(question->appid, out->appid, sizeof out->appid) ||
        (!out->has_token && question->appid.len == 0)) {
        grant->verdict = ACCESS_FORBIDDEN;
        return false;
    }
    if (question->token_hash != NULL)
        memcpy(out->hash, question->token_hash, sizeof out->hash);
    else if (out->has_token)
        crypto_sha256(question->token, out->hash);
    return true;
}

enum err access_find_app(struct access *access, struct str appid, store_app_fn on_found, void *ctx)
{
    return store_app_find(access->config.store, access->config.mailbox, appid, on_found, ctx);
}

enum err access_find_user(struct access *access, struct str apikey, store_user_fn on_found,
                          void *ctx)
{
    return store_user_find(access->config.store, access->config.mailbox, apikey, on_found, ctx);
}

bool access_is_current(const struct access *access, const struct access_grant *grant)
{
    return access->generation <= grant->generation;
}

bool access_check(struct access *access, const struct access_question *question,
                  struct access_grant *grant)
{
    struct inquiry inquiry = {0};
    struct lookup *lookup;
    enum need need;

    *grant = (struct access_grant){0};
    if (!inquiry_of(question, &inquiry, grant))
        return true;
    need = judge(access, &inquiry, grant);
    if (need == NEED_NOTHING) {
        metric_add(access->config.metrics, METRIC_TOKEN_CACHE_HIT, 1);
        return true;
    }
    metric_add(access->config.metrics, METRIC_TOKEN_CACHE_MISS, 1);
    lookup = alloc_zero(sizeof *lookup);
    lookup->access = access;
    lookup->inquiry = inquiry;
    lookup->on_grant = question->on_grant;
    lookup->ctx = question->ctx;
    if (lookup_ask(lookup, need, grant->appid)) {
        access->waits++;
        return false;
    }
    free(lookup);
    grant->verdict = ACCESS_FAILED;
    return true;
}

/* A device that waits for the store. */
struct device_lookup {
    struct access *access;
    access_device_fn on_verdict;
    void *ctx;
    char key[STORE_DEVICE_KEY_CAP];
};

static enum device_verdict judge_device(const struct device_lookup *lookup, enum err err,
                                        const struct device_record *device)
{
    if (err == ERR_NOT_FOUND)
        return DEVICE_UNKNOWN;
    if (err != ERR_NONE)
        return DEVICE_FAILED;
    if (!crypto_equal(str_of(lookup->key), str_of(device->key)))
        return DEVICE_WRONG_KEY;
    if (device->disabled)
        return DEVICE_DISABLED;
    return device->owner[0] == '\0' ? DEVICE_UNOWNED : DEVICE_GRANTED;
}

static void on_device(void *ctx, enum err err, const struct device_record *device)
{
    struct device_lookup *lookup = ctx;
    enum device_verdict verdict = judge_device(lookup, err, device);

    lookup->access->waits--;
    lookup->on_verdict(lookup->ctx, verdict, verdict == DEVICE_GRANTED ? device : NULL);
    crypto_wipe(lookup->key, sizeof lookup->key);
    free(lookup);
}

enum err access_check_device(struct access *access, struct str id, struct str key,
                             access_device_fn on_verdict, void *ctx)
{
    struct device_lookup *lookup = alloc_zero(sizeof *lookup);
    enum err err;

    lookup->access = access;
    lookup->on_verdict = on_verdict;
    lookup->ctx = ctx;
    /* A key that is too long is no device's, and the empty one that is left here neither. */
    str_copy(key, lookup->key, sizeof lookup->key);
    err = store_device_find(access->config.store, access->config.mailbox, id, on_device, lookup);
    if (err != ERR_NONE)
        free(lookup);
    else
        access->waits++;
    return err;
}

static void drop_token(struct access *access, const char *hex)
{
    uint8_t hash[STORE_TOKEN_HASH_BYTES];

    if (!hex_parse(str_of(hex), hash, sizeof hash))
        return;
    lru_drop(&access->tokens, (struct str){(const char *)hash, sizeof hash});
}

void access_on_event(struct access *access, const struct bus_event *event)
{
    switch (event->topic) {
    case BUS_TOKEN_REVOKED:
        access->generation++;
        drop_token(access, event->subject);
        break;
    case BUS_APP_CHANGED:
        access->generation++;
        lru_drop(&access->apps, str_of(event->subject));
        break;
    case BUS_DEVICE_CHANGED:
    case BUS_NODE_ANNOUNCED:
        break;
    }
}
