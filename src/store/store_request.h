/*
 * store_request - one call of the store on its way: from the caller through a queue to a backend,
 * and back to the caller as mail.
 *
 * A request owns copies of all arguments and, later, the answer. It has one holder at a time: the
 * facade, a queue, a thread of the store, the mailbox. Private to src/store and its tests.
 */
#pragma once

#include "base/attr.h"
#include "base/link.h"
#include "base/str.h"
#include "net/mailbox.h"
#include "store/store.h"
#include "store/store_places.h"
#include "store/store_record.h"
#include "store/store_resource.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a list begins and how long it may be; what it is further narrowed to stands behind it. */
struct store_range {
    char after[STORE_NAME_CAP]; /* no key is longer */
    size_t limit;
};

extern const struct store_shape store_request_range; /* of the above, alone */

/* An answer's or a batch's; items is an array of the type that the verb says. */
struct store_rows {
    void *items;
    size_t count;
    size_t cap;
};

typedef void (*store_any_fn)(void); /* any callback, until it is cast back to its type */

struct store_request {
    struct mail mail;
    struct link link;
    struct mailbox *reply;       /* borrowed */
    struct store_places *places; /* NULL until a place is taken */
    size_t bytes;                /* what it holds; taken with the place */
    uint64_t arrival_us;
    enum store_resource_id resource;
    unsigned verb; /* of the resource */
    enum err err;
    store_any_fn on;
    void *ctx;
    void *args; /* of the verb's shape, in its own memory; a look-up of one fills it */
    struct store_rows rows;
};

struct store_request *store_request_new(enum store_resource_id resource, unsigned verb,
                                        struct mailbox *reply, void *ctx);
/* With room for so many bytes behind its arguments, for texts that they are views of. */
struct store_request *store_request_new_with(enum store_resource_id resource, unsigned verb,
                                             size_t texts, struct mailbox *reply, void *ctx);
/* Gives its place back. Accepts NULL. */
void store_request_free(struct store_request *request);

const struct store_verb *store_request_verb(const struct store_request *request);

/* Takes the answer back; what the arguments own goes with it. */
void store_request_clear(struct store_request *request);

/* The memory that it, its arguments and its rows hold. */
size_t store_request_weigh(const struct store_request *request);

/* Posts it to its mailbox, which delivers the answer and frees it. */
void store_request_post(struct store_request *request);
void store_request_post_all(struct link *list); /* in its order; wakes each mailbox once */

/* Of a list. False when the limit is too large, or `after` too long to be a key. */
MUST_USE bool store_request_set_range(struct store_request *request, struct str after,
                                      size_t limit);
/* A new zero-filled row; valid until the next one is added. */
void *store_request_add(struct store_request *request);
/* True when a list has as many rows as were asked for. */
bool store_request_is_complete(const struct store_request *request);
