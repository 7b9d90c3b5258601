/*
 * device_epochs - whether a device may have changed since somebody read its row.
 *
 * A device's row is read by the worker that checks its key, before anybody knows whose it is; its
 * home may write it meanwhile. So each home counts here what it forgets, and what it hears has
 * changed: who finds the count that stood before the row was asked for knows that the row still
 * holds. Devices share counters: "changed" may be wrong, "unchanged" never is. Any thread; one for
 * all workers.
 */
#pragma once

#include "base/str.h"

#include <stdint.h>

struct device_epochs;

struct device_epochs *device_epochs_new(void);
void device_epochs_free(struct device_epochs *epochs); /* accepts NULL */

/* The epoch of a device; to be taken before its row is asked for. */
uint64_t device_epochs_get(const struct device_epochs *epochs, struct str id);

/* Called by the device's home: its row may differ from what was read before. All changes of its
 * own that were under way have been answered. */
void device_epochs_advance(struct device_epochs *epochs, struct str id);
