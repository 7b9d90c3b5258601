/*
 * history_entry - one thing that happened to a device, as its history keeps it.
 *
 * A device_event made small: texts beyond their bounds are left out. Pure functions, any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "domain/device_event.h"

#include <stdbool.h>

enum { HISTORY_PARAMS_MAX = 128 };

/* As the account of who asked: the device's owner. */
#define HISTORY_OWNER "owner"

/* Appends the event, packed as store_history_pack.h has it. */
void history_entry_pack(struct buf *out, const struct device_event *event);

/* The event of one unpacked entry, its texts views of it; deviceid and owner stay empty. False: not
 * one that we wrote. */
MUST_USE bool history_entry_read(struct str entry, struct device_event *out);
