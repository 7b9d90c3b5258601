/*
 * store_device_verb - what can be asked about devices, and of which shape. Private to src/store.
 */
#pragma once

#include "store/store_device.h"
#include "store/store_request.h"

enum store_device_verb {
    STORE_DEVICE_FIND,
    STORE_DEVICE_LIST,
    STORE_DEVICE_CREATE,
    STORE_DEVICE_ASSIGN,
    STORE_DEVICE_UPDATE,
    STORE_DEVICE_DISABLE,
    STORE_DEVICE_DELETE,
    STORE_DEVICE_VERBS
};

struct store_device {
    struct device_record record; /* record.params is not used on the way */
    char *params;                /* owned; NULL: none given */
};

struct store_device_list {
    struct store_range range;
    char owner[STORE_APIKEY_CAP]; /* empty: anybody's */
};

struct store_device_assignment {
    char id[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
};

/* To disable or to delete. */
struct store_device_ban {
    char id[STORE_DEVICE_ID_CAP];
    bool disabled;
};

/* To update: a copy of the change, whose texts stand behind it. */
struct store_request *store_device_new_update(const struct store_device_change *change,
                                              struct mailbox *reply, void *ctx);
