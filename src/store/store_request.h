/*
 * store_request - one call of the store on its way: from the caller through a queue to a backend,
 * and back to the caller as mail.
 *
 * A request owns copies of all arguments and, later, the answer. It has one holder at a time: the
 * facade, a queue, a thread of the store, the mailbox. Private to src/store.
 */
#pragma once

#include "base/link.h"
#include "net/mailbox.h"
#include "store/store.h"
#include "store/store_places.h"
#include "store/store_verb.h"

struct store_device {
    struct device_record record; /* record.params is not used on the way */
    char *params;                /* owned; NULL: none given */
};

struct store_range {
    char owner[STORE_APIKEY_CAP];
    char after[STORE_NAME_CAP]; /* no key is longer */
    size_t limit;
};

struct store_password {
    char *text; /* owned, wiped on release */
    size_t len;
    char hash[STORE_PASSWORD_CAP];
};

/* Records of a list's answer, or of a batch to create; items is an array of their type. */
struct store_rows {
    void *items;
    size_t count;
    size_t cap;
};

union store_callback {
    store_done_fn done;
    store_app_fn app;
    store_user_fn user;
    store_token_fn token;
    store_device_fn device;
    store_hash_fn hash;
};

struct store_request {
    struct mail mail;
    struct link link;
    struct mailbox *reply;       /* borrowed */
    struct store_places *places; /* NULL until a place is taken */
    size_t bytes;                /* what it holds; taken with the place */
    uint64_t arrival_us;
    enum store_verb verb;
    enum err err;
    union store_callback on;
    void *ctx;
    union { /* by verb: arguments, in its own memory; a find fills the record that has its key */
        void *args;
        struct app_record *app;
        struct user_record *user;
        struct token_record *token;
        struct store_device *device;        /* to find or to assign */
        struct store_device_change *change; /* to update; its texts stand behind it */
        struct store_range *range;
        struct store_password *password;
    };
    struct store_rows rows;
};

/* Any verb but VERB_DEVICE_UPDATE; its arguments are zero-filled. */
struct store_request *store_request_new(enum store_verb verb, struct mailbox *reply, void *ctx);
/* VERB_DEVICE_UPDATE: copies the change with its texts. */
struct store_request *store_request_new_change(const struct store_device_change *change,
                                               struct mailbox *reply, void *ctx);
/* Gives its place back. Accepts NULL. */
void store_request_free(struct store_request *request);

/* Takes the answer back: the rows of a list, the params of a device. */
void store_request_clear(struct store_request *request);

/* The memory that it and its arguments hold. */
size_t store_request_weigh(const struct store_request *request);

/* Posts it to its mailbox, which delivers the answer and frees it. */
void store_request_post(struct store_request *request);
void store_request_post_all(struct link *list); /* in its order; wakes each mailbox once */

/* The answer of a list: a new zero-filled row; valid until the next one is added. */
struct app_record *store_request_add_app(struct store_request *request);
struct user_record *store_request_add_user(struct store_request *request);
/* Takes params. */
struct store_device *store_request_add_device(struct store_request *request, char *params);
/* True when a list has as many rows as were asked for. */
bool store_request_is_complete(const struct store_request *request);
