/*
 * device_commit - a device's changed params on their way to the disk.
 *
 * One row of a device is being written at a time; changes made meanwhile are merged in memory and
 * share the next one, so a device that talks a lot costs the store one row a commit. Private to
 * domain.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "base/link.h"
#include "domain/device_event.h"

struct device;

/* One change that somebody waits for, embedded in what the change belongs to. */
struct commit {
    struct link link; /* state is a place: in commits_waiting, then commits_flying */
    void (*on_commit)(struct commit *commit, enum err err); /* may free the owner */
    enum device_source source;
};

/*
 * Merges a change into the params, tells those who watch, and commits them. ERR_NONE:
 * commit->on_commit runs once, later -- or within the call when nothing has changed and nothing
 * waits; until then the commit stays where it is. Else nothing has changed: ERR_INVALID and
 * ERR_TOO_LARGE speak of the change, ERR_BUSY and ERR_FULL of the moment.
 */
MUST_USE enum err device_commit(struct device *device, struct json_value change,
                                struct commit *commit);
