/*
 * store_record - what the store keeps, as plain values.
 *
 * Texts are NUL-terminated; an empty text means none. Times are wall milliseconds since 1970, 0 for
 * never. Pointers inside a record that a callback receives are borrowed for that call.
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STORE_APP_ID_CAP = 65,
    STORE_APP_SECRET_CAP = 65,
    STORE_NAME_CAP = 129,
    STORE_ACCOUNT_CAP = 129,
    STORE_REGION_CAP = 9,
    STORE_APIKEY_CAP = 37,
    STORE_DEVICE_ID_CAP = 33,
    STORE_DEVICE_KEY_CAP = 65,
    STORE_MODEL_CAP = 65,
    STORE_TOKEN_HASH_BYTES = 32,
    STORE_PASSWORD_CAP = 128,
    STORE_PARAMS_MAX = 64 * 1024,   /* bytes of one device's params */
    STORE_PASSWORD_TEXT_MAX = 1024, /* bytes of a password in clear */
    STORE_BATCH_MAX = 10000,        /* devices created by one call */
    STORE_LIST_MAX = 256,           /* records asked for by one list: at most 16 MB of params */
};

/* Departures from the founding document that an app's clients need (docs/protocol.md). */
enum app_quirk {
    APP_QUIRK_MISSING_PARAMETERS = 1,    /* dispatch without some or all of its five parameters */
    APP_QUIRK_UNVERIFIED_SIGN = 2,       /* the Sign of its calls is not verified */
    APP_QUIRK_DISPATCH_UNAUTHORIZED = 4, /* dispatch without a valid access token */
};

struct app_record {
    char id[STORE_APP_ID_CAP];
    char secret[STORE_APP_SECRET_CAP]; /* in clear: it verifies HMAC signatures */
    char name[STORE_NAME_CAP];
    unsigned quirks; /* of enum app_quirk */
    bool disabled;
    int64_t created_ms;
};

struct user_record {
    char apikey[STORE_APIKEY_CAP];   /* lower-case UUID; what devices and apps call the account */
    char account[STORE_ACCOUNT_CAP]; /* e-mail address, or phone number with country code */
    char region[STORE_REGION_CAP];
    char password_hash[STORE_PASSWORD_CAP]; /* argon2id, or empty: no login by password */
    int64_t created_ms;
};

enum token_kind { TOKEN_ACCESS = 1, TOKEN_REFRESH = 2 };

struct token_record {
    uint8_t hash[STORE_TOKEN_HASH_BYTES]; /* SHA-256 of the token's text */
    enum token_kind kind;
    char apikey[STORE_APIKEY_CAP];
    char appid[STORE_APP_ID_CAP];  /* the app it was issued to */
    char region[STORE_REGION_CAP]; /* of the user; filled by look-ups, not stored */
    int64_t issued_ms;
    int64_t expires_ms;
    int64_t revoked_ms; /* 0: not revoked */
};

struct device_record {
    char id[STORE_DEVICE_ID_CAP];
    char key[STORE_DEVICE_KEY_CAP]; /* the factory apikey */
    char owner[STORE_APIKEY_CAP];   /* the owner's apikey; empty: nobody's yet */
    char name[STORE_NAME_CAP];
    char model[STORE_MODEL_CAP];
    const char *params; /* one JSON object, NUL-terminated; never NULL in a callback */
    int64_t created_ms;
    int64_t online_ms;  /* last time it came online */
    int64_t offline_ms; /* last time it went offline */
};

/* Which devices to list. owner: only that account's devices; empty: all. */
struct store_device_range {
    struct str owner;
    struct str after;
    size_t limit;
};

/* What a link changes: presence times, model (when not empty) and params (when not NULL). */
struct store_device_change {
    struct str id;
    struct str owner;  /* when not empty: ERR_NOT_FOUND if the device is not this account's */
    struct str params; /* one JSON object; ptr NULL: unchanged */
    struct str model;  /* empty: unchanged */
    int64_t online_ms; /* 0: unchanged */
    int64_t offline_ms;
};
