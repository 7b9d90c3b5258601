/*
 * store_record - the sizes of what the store keeps.
 *
 * The records, plain values, stand in the header of their resource (store_app.h, ...). In them
 * texts are NUL-terminated; an empty text means none. Times are wall milliseconds since 1970, 0 for
 * never. Pointers inside a record that a callback receives are borrowed for that call.
 */
#pragma once

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
