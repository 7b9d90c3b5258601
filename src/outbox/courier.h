/*
 * courier - libcurl's multi interface on one of our loops: many transfers, one thread.
 *
 * libcurl says which sockets it waits for and until when; the loop watches them. Private to
 * src/outbox; the loop's thread only.
 */
#pragma once

#include "base/attr.h"
#include "net/loop.h"
#include "outbox/transfer.h"

#include <stddef.h>

struct courier;

struct courier_config {
    struct loop *loop; /* borrowed */
    struct transfer_limits limits;
    long max_connections; /* at once; more transfers wait */
};

/* NULL: libcurl was built without something that is needed. */
MUST_USE struct courier *courier_new(const struct courier_config *config);
void courier_free(struct courier *courier); /* nothing under way; accepts NULL */

/* Takes the parcel. on_done runs once, later. */
void courier_send(struct courier *courier, struct parcel *parcel, parcel_done_fn on_done,
                  void *ctx);
/* Ends all that is under way, with ERR_CLOSED. */
void courier_cancel(struct courier *courier);
size_t courier_count(const struct courier *courier); /* under way */
