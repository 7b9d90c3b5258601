/*
 * store_app - the apps that may use the server. See store.h for how calls end. Any thread.
 */
#pragma once

#include "store/store.h"
#include "store/store_record.h"

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

typedef void (*store_app_fn)(void *ctx, enum err err, const struct app_record *app);

MUST_USE enum err store_app_find(struct store *store, struct mailbox *reply, struct str id,
                                 store_app_fn on_app, void *ctx);
MUST_USE enum err store_app_list(struct store *store, struct mailbox *reply, struct str after,
                                 size_t limit, store_app_fn on_record, void *ctx);
MUST_USE enum err store_app_create(struct store *store, struct mailbox *reply,
                                   const struct app_record *app, store_done_fn on_done, void *ctx);
MUST_USE enum err store_app_disable(struct store *store, struct mailbox *reply, struct str id,
                                    bool disabled, store_done_fn on_done, void *ctx);
