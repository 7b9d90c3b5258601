#include "domain/login.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "store/store_account_name.h"
#include "store/store_password.h"

#include <stdlib.h>
#include <string.h>

/* An argon2id hash with the limits of ours, made of random bytes: nobody knows its password. */
static const char DECOY[] =
    "$argon2id$v=19$m=65536,t=2,p=1$M7pNmbMKOh563jdLsvSrSw$"
    "Y/F5H0cQlf9C7C/tcHaTd9sy1nH2q8JzW8DiQuvHA/I";

struct login {
    struct login_config config;
};

struct attempt {
    struct login *login;
    struct user_record user;
    bool is_known;
    char key[STORE_ACCOUNT_CAP]; /* account or apikey: what failures are counted by */
    char peer_ip[64];
    uint64_t now_ms;
    login_fn on_login;
    void *ctx;
    size_t len;
    char password[];
};

struct renewal {
    struct login *login;
    char apikey[STORE_APIKEY_CAP];
    store_done_fn on_done;
    void *ctx;
};

struct login *login_new(const struct login_config *config)
{
    struct login *login = alloc_zero(sizeof *login);

    login->config = *config;
    return login;
}

void login_free(struct login *login)
{
    free(login);
}

static void attempt_free(struct attempt *attempt)
{
    crypto_wipe(attempt->password, attempt->len);
    crypto_wipe(attempt->user.password_hash, sizeof attempt->user.password_hash);
    free(attempt);
}

static enum metric metric_of(enum login_verdict verdict)
{
    if (verdict == LOGIN_GRANTED || verdict == LOGIN_ELSEWHERE)
        return METRIC_LOGIN_OK;
    if (verdict == LOGIN_LIMITED)
        return METRIC_LOGIN_LIMITED;
    return verdict == LOGIN_FAILED ? METRIC_LOGIN_FAILED : METRIC_LOGIN_REFUSED;
}

static void answer(struct attempt *attempt, enum login_verdict verdict)
{
    bool is_right = verdict == LOGIN_GRANTED || verdict == LOGIN_ELSEWHERE;

    metric_add(attempt->login->config.metrics, metric_of(verdict), 1);
    if (is_right)
        login_limit_forgive(attempt->login->config.limit, str_of(attempt->key),
                            str_of(attempt->peer_ip), attempt->now_ms);
    attempt->on_login(attempt->ctx, verdict, is_right ? &attempt->user : NULL);
    attempt_free(attempt);
}

static bool is_elsewhere(const struct attempt *attempt)
{
    const char *here = attempt->login->config.region;

    return here[0] != '\0' && attempt->user.region[0] != '\0' &&
           strcmp(here, attempt->user.region) != 0;
}

static enum login_verdict refusal(const struct attempt *attempt)
{
    if (!attempt->login->config.tells_unknown)
        return LOGIN_WRONG;
    if (!attempt->is_known)
        return LOGIN_UNKNOWN;
    return attempt->user.password_hash[0] == '\0' ? LOGIN_INACTIVE : LOGIN_WRONG;
}

static void on_verified(void *ctx, enum err err)
{
    struct attempt *attempt = ctx;

    if (err == ERR_DENIED)
        answer(attempt, refusal(attempt));
    else if (err != ERR_NONE)
        answer(attempt, LOGIN_FAILED);
    else
        answer(attempt, is_elsewhere(attempt) ? LOGIN_ELSEWHERE : LOGIN_GRANTED);
}

static void on_user(void *ctx, enum err err, const struct user_record *user)
{
    struct attempt *attempt = ctx;
    const struct login_config *config = &attempt->login->config;
    const char *hash = DECOY;

    if (err == ERR_NONE) {
        attempt->is_known = true;
        attempt->user = *user;
        if (user->password_hash[0] != '\0')
            hash = user->password_hash;
    }
    if ((err != ERR_NONE && err != ERR_NOT_FOUND) ||
        store_password_verify(config->store, config->mailbox,
                              (struct str){attempt->password, attempt->len}, hash, on_verified,
                              attempt) != ERR_NONE)
        answer(attempt, LOGIN_FAILED);
}

static enum err find(struct attempt *attempt, bool by_account)
{
    const struct login_config *config = &attempt->login->config;
    struct str key = str_of(attempt->key);

    if (by_account)
        return store_user_find_account(config->store, config->mailbox, key, on_user, attempt);
    return store_user_find(config->store, config->mailbox, key, on_user, attempt);
}

/* However an address is written, its failures count together. */
static bool copy_key(const struct login_attempt *from, char out[static STORE_ACCOUNT_CAP])
{
    return from->account.len > 0 ? store_account_name_copy(from->account, out)
                                 : str_copy(from->apikey, out, STORE_ACCOUNT_CAP);
}

/* NULL: a text breaks a bound. */
static struct attempt *attempt_new(struct login *login, const struct login_attempt *from)
{
    struct str key = from->account.len > 0 ? from->account : from->apikey;
    struct attempt *attempt;

    if (key.len == 0 || from->password.len == 0 || from->password.len > STORE_PASSWORD_TEXT_MAX ||
        memchr(key.ptr, '\0', key.len) != NULL)
        return NULL;
    attempt = alloc_zero(sizeof *attempt + from->password.len);
    attempt->login = login;
    attempt->now_ms = from->now_ms;
    attempt->on_login = from->on_login;
    attempt->ctx = from->ctx;
    attempt->len = from->password.len;
    memcpy(attempt->password, from->password.ptr, from->password.len);
    if (copy_key(from, attempt->key) &&
        str_copy(from->peer_ip, attempt->peer_ip, sizeof attempt->peer_ip))
        return attempt;
    attempt_free(attempt);
    return NULL;
}

bool login_check(struct login *login, const struct login_attempt *from)
{
    const struct login_config *config = &login->config;
    struct attempt *attempt = attempt_new(login, from);
    enum err err;

    if (attempt == NULL)
        return false;
    if (!login_limit_begin(config->limit, str_of(attempt->key), from->peer_ip, from->now_ms)) {
        answer(attempt, LOGIN_LIMITED);
        return true;
    }
    err = find(attempt, from->account.len > 0);
    if (err != ERR_NONE)
        answer(attempt, LOGIN_FAILED);
    return true;
}

const char *login_decoy(void)
{
    return DECOY;
}

bool login_is_password(const struct login *login, struct str password)
{
    return password.len >= login->config.min_length && password.len <= STORE_PASSWORD_TEXT_MAX;
}

static void renewal_end(struct renewal *renewal, enum err err)
{
    renewal->on_done(renewal->ctx, err);
    free(renewal);
}

static void on_hash(void *ctx, enum err err, const char *hash)
{
    struct renewal *renewal = ctx;

    if (err == ERR_NONE)
        err = token_office_renew_password(renewal->login->config.office, str_of(renewal->apikey),
                                          hash, renewal->on_done, renewal->ctx);
    if (err != ERR_NONE)
        renewal_end(renewal, err);
    else
        free(renewal);
}

enum err login_set_password(struct login *login, struct str apikey, struct str password,
                            store_done_fn on_done, void *ctx)
{
    const struct login_config *config = &login->config;
    struct renewal *renewal = alloc_zero(sizeof *renewal);
    enum err err = ERR_INVALID;

    renewal->login = login;
    renewal->on_done = on_done;
    renewal->ctx = ctx;
    if (str_copy(apikey, renewal->apikey, sizeof renewal->apikey))
        err = store_password_hash(config->store, config->mailbox, password, on_hash, renewal);
    if (err)
        free(renewal);
    return err;
}
