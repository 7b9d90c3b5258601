/*
 * store_resource - what the store keeps, and the verbs of each: tables that the request, the
 * engine and the backends work from, so that none of them knows a resource by name.
 *
 * A verb is named by its resource and its number there. docs/architecture.md tells how to add one.
 * Constants; any thread; private to src/store and its tests.
 */
#pragma once

#include "base/err.h"

#include <stddef.h>

struct store_request;

enum store_resource_id {
#define RESOURCE(id, name) STORE_##id,
#define SERVICE(id, name) STORE_##id,
#include "store/store_resource.def"
#undef SERVICE
#undef RESOURCE
    STORE_RESOURCES
};

/* Who carries a verb out: a reader, the writer, or the hasher. */
enum store_class { STORE_LOOK_UP, STORE_CHANGE, STORE_HASHING };

/* What the callback is given: only how it ended, the arguments as the backend has filled them, or
 * the rows, one a call, and then NULL. */
enum store_reply { STORE_DONE, STORE_ITEM, STORE_ROWS };

/* Arguments or rows of one type; they begin zero-filled. */
struct store_shape {
    size_t size;
    void (*release)(void *item);       /* frees what it owns, may come twice; NULL: owns nothing */
    size_t (*weigh)(const void *item); /* the bytes of that; together with release */
};

struct store_verb {
    enum store_class class;
    enum store_reply reply;
    const struct store_shape *args; /* of a list: begin with a struct store_range */
    const struct store_shape *rows; /* NULL: none */
    /* Calls request->on, as the type that it has. NULL for STORE_DONE: it is a store_done_fn. */
    void (*give)(struct store_request *request, enum err err, const void *item);
    /* Of STORE_HASHING, instead of a backend. */
    enum err (*work)(struct store_request *request);
};

struct store_resource {
    const struct store_verb *verbs;
    size_t count;
};

const struct store_verb *store_resource_verb(enum store_resource_id resource, unsigned verb);
