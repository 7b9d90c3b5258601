#include "store/store_check.h"

#include <string.h>

static bool is_text(const char *text, size_t cap)
{
    return memchr(text, '\0', cap) != NULL;
}

static bool is_key(const char *text, size_t cap)
{
    return is_text(text, cap) && text[0] != '\0';
}

bool store_check_app(const struct app_record *app)
{
    return is_key(app->id, sizeof app->id) && is_key(app->secret, sizeof app->secret) &&
           is_text(app->name, sizeof app->name) && app->created_ms >= 0;
}

bool store_check_user(const struct user_record *user)
{
    return is_key(user->apikey, sizeof user->apikey) &&
           is_key(user->account, sizeof user->account) &&
           is_text(user->region, sizeof user->region) &&
           is_text(user->password_hash, sizeof user->password_hash) && user->created_ms >= 0;
}

bool store_check_password(const struct user_record *user)
{
    return is_key(user->apikey, sizeof user->apikey) &&
           is_text(user->password_hash, sizeof user->password_hash);
}

bool store_check_token(const struct token_record *token)
{
    return (token->kind == TOKEN_ACCESS || token->kind == TOKEN_REFRESH) &&
           is_key(token->apikey, sizeof token->apikey) &&
           is_text(token->appid, sizeof token->appid) && token->issued_ms >= 0 &&
           token->expires_ms >= 0 && token->revoked_ms >= 0;
}

bool store_check_device(const struct device_record *device)
{
    return is_key(device->id, sizeof device->id) && is_key(device->key, sizeof device->key) &&
           is_text(device->owner, sizeof device->owner) &&
           is_text(device->name, sizeof device->name) &&
           is_text(device->model, sizeof device->model) && device->created_ms >= 0 &&
           device->online_ms >= 0 && device->offline_ms >= 0;
}

bool store_check_params(struct str params)
{
    return params.len <= STORE_PARAMS_MAX &&
           (params.len == 0 || memchr(params.ptr, '\0', params.len) == NULL);
}

/* Fits an array of `cap` bytes with its NUL, and has none inside. */
static bool is_view(struct str text, size_t cap)
{
    return text.len < cap && (text.len == 0 || memchr(text.ptr, '\0', text.len) == NULL);
}

bool store_check_change(const struct store_device_change *change)
{
    return is_view(change->id, STORE_DEVICE_ID_CAP) && is_view(change->owner, STORE_APIKEY_CAP) &&
           is_view(change->model, STORE_MODEL_CAP) && store_check_params(change->params) &&
           change->online_ms >= 0 && change->offline_ms >= 0;
}

bool store_check_copy(struct str text, char *out, size_t cap)
{
    if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)
        return false;
    return str_copy(text, out, cap);
}
