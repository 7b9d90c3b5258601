/*
 * outbox_url - which addresses may be sent to.
 *
 * The scheme must be one of two, there must be a host, and credentials have no place in it: they
 * would be shown wherever the address is. Pure, any thread.
 */
#pragma once

#include "outbox/parcel.h"

/* NULL when it may be used for that kind, else what it must be: "an address ...". */
const char *outbox_url_check(const char *text, enum parcel_kind kind);
