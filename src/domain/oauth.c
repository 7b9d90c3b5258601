#include "domain/oauth.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/crypto.h"

#include <stdlib.h>
#include <string.h>

enum { CODE_BYTES = (OAUTH_CODE_CAP - 1) / 2 };

struct oauth {
    struct oauth_config config;
};

struct issue {
    char code[OAUTH_CODE_CAP];
    oauth_code_fn on_code;
    void *ctx;
};

struct taking {
    char appid[STORE_APP_ID_CAP];
    char url[STORE_OAUTH_URL_CAP];
    int64_t wall_ms;
    oauth_taken_fn on_taken;
    void *ctx;
};

struct oauth *oauth_new(const struct oauth_config *config)
{
    struct oauth *oauth = alloc_zero(sizeof *oauth);

    oauth->config = *config;
    return oauth;
}

void oauth_free(struct oauth *oauth)
{
    free(oauth);
}

static bool is_of(struct str text, const char *others)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!is_alnum && (c == '\0' || strchr(others, c) == NULL))
            return false;
    }
    return text.len > 0;
}

/* A scheme without an authority would be run by the browser, or say nothing of who gets the code.
 */
bool oauth_is_url(struct str url)
{
    size_t colon = str_find(url, ':');
    struct str rest = str_sub(url, colon, url.len);
    size_t end = 0;

    if (url.len >= STORE_OAUTH_URL_CAP || !is_of(str_sub(url, 0, colon), "+-.") ||
        !str_starts(rest, STR("://")))
        return false;
    rest = str_sub(rest, 3, rest.len);
    while (end < rest.len && strchr("/?", rest.ptr[end]) == NULL)
        end++;
    return is_of(str_sub(rest, 0, end), ".-:[]") &&
           (end == rest.len || is_of(str_sub(rest, end, rest.len), "-._~:/?@!$&()*+,;=%"));
}

enum err oauth_find_url(struct oauth *oauth, const struct oauth_request *request,
                        store_oauth_redirect_fn on_found, void *ctx)
{
    struct store_oauth_redirect redirect = {.url = ""};

    if (!str_copy(request->appid, redirect.appid, sizeof redirect.appid) ||
        !str_copy(request->url, redirect.url, sizeof redirect.url))
        return ERR_INVALID;
    return store_oauth_find(oauth->config.store, oauth->config.mailbox, &redirect, on_found, ctx);
}

/* Lengths stand ahead of the parts, so that no two pages have the same text. */
void oauth_seal(const struct oauth *oauth, const struct oauth_page *page,
                char out[static OAUTH_SEAL_CAP])
{
    const struct str key = {(const char *)oauth->config.key, OAUTH_KEY_BYTES};
    const struct oauth_request *request = &page->request;
    const struct str parts[] = {page->cookie, request->appid, request->url, request->state};
    struct buf text = BUF_EMPTY;
    uint8_t mac[CRYPTO_SHA256_BYTES];

    buf_append_int(&text, page->made_ms);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buf_append_byte(&text, ' ');
        buf_append_int(&text, (int64_t)parts[i].len);
        buf_append_byte(&text, ':');
        buf_append(&text, parts[i]);
    }
    crypto_hmac_sha256(key, buf_str(&text), STR_EMPTY, mac);
    crypto_hex(mac, sizeof mac, out);
    buf_free(&text);
}

bool oauth_is_sealed(const struct oauth *oauth, const struct oauth_page *page, struct str seal,
                     int64_t wall_ms)
{
    char expected[OAUTH_SEAL_CAP];

    oauth_seal(oauth, page, expected);
    return crypto_equal(str_of(expected), seal) && page->cookie.len > 0 &&
           page->made_ms <= wall_ms && wall_ms - page->made_ms <= oauth->config.page_ms;
}

static void on_created(void *ctx, enum err err)
{
    struct issue *issue = ctx;

    issue->on_code(issue->ctx, err, err ? NULL : issue->code);
    crypto_wipe(issue->code, sizeof issue->code);
    free(issue);
}

enum err oauth_issue(struct oauth *oauth, const struct oauth_grant *grant)
{
    struct store_oauth_code code = {.expires_ms = grant->wall_ms + oauth->config.code_ms,
                                    .purge_before_ms = grant->wall_ms - oauth->config.code_ms};
    struct issue *issue = alloc_zero(sizeof *issue);
    enum err err = ERR_INVALID;

    issue->on_code = grant->on_code;
    issue->ctx = grant->ctx;
    crypto_random_hex(CODE_BYTES, issue->code);
    crypto_sha256(str_of(issue->code), code.hash);
    if (str_copy(grant->apikey, code.apikey, sizeof code.apikey) &&
        str_copy(grant->request.appid, code.appid, sizeof code.appid) &&
        str_copy(grant->request.url, code.url, sizeof code.url))
        err = store_oauth_code_create(oauth->config.store, oauth->config.mailbox, &code, on_created,
                                      issue);
    if (err)
        free(issue);
    return err;
}

static enum err judge(const struct taking *taking, const struct store_oauth_code *code)
{
    if (strcmp(taking->appid, code->appid) != 0 || strcmp(taking->url, code->url) != 0)
        return ERR_NOT_FOUND;
    return code->expires_ms <= taking->wall_ms ? ERR_EXPIRED : ERR_NONE;
}

static void on_taken(void *ctx, enum err err, const struct store_oauth_code *code)
{
    struct taking *taking = ctx;

    if (err == ERR_NONE)
        err = judge(taking, code);
    taking->on_taken(taking->ctx, err, err ? NULL : code->apikey);
    free(taking);
}

enum err oauth_take(struct oauth *oauth, const struct oauth_exchange *exchange)
{
    struct taking *taking = alloc_zero(sizeof *taking);
    uint8_t hash[STORE_OAUTH_HASH_BYTES];
    enum err err = ERR_INVALID;

    crypto_sha256(exchange->code, hash);
    taking->wall_ms = exchange->wall_ms;
    taking->on_taken = exchange->on_taken;
    taking->ctx = exchange->ctx;
    if (str_copy(exchange->appid, taking->appid, sizeof taking->appid) &&
        str_copy(exchange->url, taking->url, sizeof taking->url))
        err = store_oauth_code_take(oauth->config.store, oauth->config.mailbox, hash, on_taken,
                                    taking);
    if (err)
        free(taking);
    return err;
}
