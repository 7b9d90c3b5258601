#include "domain/token_office.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { TOKEN_BYTES = (TOKEN_OFFICE_TEXT_CAP - 1) / 2 };

struct token_office {
    struct token_office_config config;
};

/* A pair on its way. */
struct issue {
    struct token_office *office;
    struct token_office_pair pair;
    struct store_token_grant grant;
    struct user_record user; /* of an exchange */
    char appid[STORE_APP_ID_CAP];
    int64_t wall_ms;
    token_office_fn on_pair;
    void *ctx;
};

/* Tokens that are being ended. */
struct ending {
    struct token_office *office;
    store_done_fn on_done;
    void *ctx;
};

struct token_office *token_office_new(const struct token_office_config *config)
{
    struct token_office *office = alloc_zero(sizeof *office);

    office->config = *config;
    return office;
}

void token_office_free(struct token_office *office)
{
    free(office);
}

/* A worker that could not be told asks the store again once its cache's time is over. */
static void publish(struct token_office *office, const struct token_record *token)
{
    struct bus_event event = {.topic = BUS_TOKEN_REVOKED};

    static_assert(BUS_SUBJECT_CAP > 2 * STORE_TOKEN_HASH_BYTES, "the subject holds the hash");
    crypto_hex(token->hash, sizeof token->hash, event.subject);
    str_copy(str_of(token->apikey), event.account, sizeof event.account);
    if (bus_publish(office->config.bus, &event) == ERR_NONE)
        return;
    metric_add(office->config.metrics, METRIC_QUEUE_DROP_BUS, 1);
    log_warn(office->config.log, "token.late", "account=%s", token->apikey);
}

static void issue_free(struct issue *issue)
{
    crypto_wipe(issue, sizeof *issue);
    free(issue);
}

static void answer(struct issue *issue, enum access_verdict verdict)
{
    bool is_granted = verdict == ACCESS_GRANTED;
    bool has_user = is_granted && issue->user.apikey[0] != '\0';

    issue->on_pair(issue->ctx, verdict, is_granted ? &issue->pair : NULL,
                   has_user ? &issue->user : NULL);
    issue_free(issue);
}

static void on_granted(void *ctx, enum err err, const struct token_record *ended)
{
    struct issue *issue = ctx;

    if (ended != NULL)
        publish(issue->office, ended);
    else if (err == ERR_NONE)
        answer(issue, ACCESS_GRANTED);
    else
        answer(issue, err == ERR_DENIED ? ACCESS_DENIED : ACCESS_FAILED);
}

static void make_token(struct token_record *record, char text[TOKEN_OFFICE_TEXT_CAP],
                       enum token_kind kind, int64_t wall_ms)
{
    crypto_random_hex(TOKEN_BYTES, text);
    crypto_sha256(str_of(text), record->hash);
    record->kind = kind;
    record->issued_ms = wall_ms;
}

/* An expired access token is remembered as long as its refresh token can be used, so that its app
 * is told 402 and not 401. */
static enum err grant(struct issue *issue, const char *apikey, const char *appid)
{
    const struct token_office_config *config = &issue->office->config;
    struct store_token_grant *grant = &issue->grant;
    int64_t kept_ms =
        config->refresh_ms > config->access_ms ? config->refresh_ms - config->access_ms : 0;

    make_token(&grant->access, issue->pair.access, TOKEN_ACCESS, issue->wall_ms);
    make_token(&grant->refresh, issue->pair.refresh, TOKEN_REFRESH, issue->wall_ms);
    issue->pair.access_expires_ms = grant->access.expires_ms = issue->wall_ms + config->access_ms;
    issue->pair.refresh_expires_ms = grant->refresh.expires_ms =
        issue->wall_ms + config->refresh_ms;
    grant->access.pair = grant->refresh.pair = (int64_t)(crypto_random_u64() >> 1 | 1);
    str_copy(str_of(apikey), grant->access.apikey, sizeof grant->access.apikey);
    str_copy(str_of(apikey), grant->refresh.apikey, sizeof grant->refresh.apikey);
    str_copy(str_of(appid), grant->access.appid, sizeof grant->access.appid);
    str_copy(str_of(appid), grant->refresh.appid, sizeof grant->refresh.appid);
    grant->policy = config->policy;
    grant->max_pairs = config->max_pairs;
    grant->purge_before_ms = issue->wall_ms - kept_ms;
    return store_token_grant(config->store, config->mailbox, grant, on_granted, issue);
}

/* NULL when the app's id is too long to be one. */
static struct issue *issue_new(struct token_office *office, const struct token_office_order *order)
{
    struct issue *issue = alloc_zero(sizeof *issue);

    issue->office = office;
    issue->wall_ms = order->wall_ms;
    issue->on_pair = order->on_pair;
    issue->ctx = order->ctx;
    if (str_copy(order->appid, issue->appid, sizeof issue->appid))
        return issue;
    free(issue);
    return NULL;
}

enum err token_office_issue(struct token_office *office, const struct token_office_order *order)
{
    struct issue *issue = issue_new(office, order);
    char apikey[STORE_APIKEY_CAP];
    enum err err = ERR_INVALID;

    if (issue == NULL)
        return ERR_INVALID;
    if (str_copy(order->apikey, apikey, sizeof apikey))
        err = grant(issue, apikey, issue->appid);
    if (err)
        issue_free(issue);
    return err;
}

static void on_user(void *ctx, enum err err, const struct user_record *user)
{
    struct issue *issue = ctx;

    if (err == ERR_NONE) {
        issue->user = *user;
        err = grant(issue, user->apikey, issue->appid);
    }
    if (err)
        answer(issue, err == ERR_NOT_FOUND ? ACCESS_DENIED : ACCESS_FAILED);
}

static enum access_verdict judge(const struct issue *issue, const struct token_record *token)
{
    if (token->kind != TOKEN_REFRESH || token->revoked_ms != 0)
        return ACCESS_DENIED;
    if (issue->appid[0] != '\0' && token->appid[0] != '\0' &&
        strcmp(issue->appid, token->appid) != 0)
        return ACCESS_FORBIDDEN;
    return token->expires_ms <= issue->wall_ms ? ACCESS_EXPIRED : ACCESS_GRANTED;
}

static void on_refresh_token(void *ctx, enum err err, const struct token_record *token)
{
    struct issue *issue = ctx;
    const struct token_office_config *config = &issue->office->config;
    enum access_verdict verdict = ACCESS_FAILED;

    if (err == ERR_NONE)
        verdict = judge(issue, token);
    else if (err == ERR_NOT_FOUND)
        verdict = ACCESS_DENIED;
    if (verdict == ACCESS_GRANTED) {
        str_copy(str_of(token->appid), issue->appid, sizeof issue->appid);
        if (store_user_find(config->store, config->mailbox, str_of(token->apikey), on_user,
                            issue) == ERR_NONE)
            return;
        verdict = ACCESS_FAILED;
    }
    answer(issue, verdict);
}

enum err token_office_exchange(struct token_office *office, const struct token_office_order *order)
{
    const struct token_office_config *config = &office->config;
    struct issue *issue = issue_new(office, order);
    enum err err;

    if (issue == NULL)
        return ERR_INVALID;
    issue->grant.is_rotation = true;
    crypto_sha256(order->refresh, issue->grant.old_hash);
    err = store_token_find(config->store, config->mailbox, issue->grant.old_hash, on_refresh_token,
                           issue);
    if (err)
        issue_free(issue);
    return err;
}

static void on_ended(void *ctx, enum err err, const struct token_record *ended)
{
    struct ending *ending = ctx;

    if (ended != NULL) {
        publish(ending->office, ended);
        return;
    }
    ending->on_done(ending->ctx, err);
    free(ending);
}

static struct ending *ending_new(struct token_office *office, store_done_fn on_done, void *ctx)
{
    struct ending *ending = alloc_zero(sizeof *ending);

    *ending = (struct ending){.office = office, .on_done = on_done, .ctx = ctx};
    return ending;
}

enum err token_office_end(struct token_office *office, const uint8_t hash[STORE_TOKEN_HASH_BYTES],
                          store_done_fn on_done, void *ctx)
{
    struct ending *ending = ending_new(office, on_done, ctx);
    enum err err =
        store_token_end(office->config.store, office->config.mailbox, hash, on_ended, ending);

    if (err)
        free(ending);
    return err;
}

enum err token_office_renew_password(struct token_office *office, struct str apikey,
                                     const char *password_hash, store_done_fn on_done, void *ctx)
{
    struct ending *ending = ending_new(office, on_done, ctx);
    struct user_record user = {.created_ms = 0};
    enum err err = ERR_INVALID;

    if (str_copy(apikey, user.apikey, sizeof user.apikey) &&
        str_copy(str_of(password_hash), user.password_hash, sizeof user.password_hash))
        err = store_user_renew_password(office->config.store, office->config.mailbox, &user,
                                        on_ended, ending);
    if (err)
        free(ending);
    return err;
}
