/*
 * device_link - a device's open link: commands to it, its answers and its reports.
 *
 * Presence comes from links: each has an epoch, and only the newest one's end makes the device
 * offline. The owning worker's thread only.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "domain/accounts.h"
#include "domain/change.h"

#include <stdint.h>

struct device_link;

struct device_events {
    /* The link is open and its params are loaded (or err says why not; then close it). */
    void (*on_open)(void *ctx, enum err err);
    /* A command to be sent: sequence is ours, at most 20 digits. */
    void (*on_command)(void *ctx, const struct change *command);
    /* A report has been committed (or not): answer it. */
    void (*on_report_done)(void *ctx, enum err err, const struct change *report);
    void (*on_end)(void *ctx, enum session_end end);
};

struct device_config {
    struct str deviceid;
    struct str owner; /* the account: must be at home on this worker */
    struct str model; /* stored when not empty */
    const struct device_events *events;
    void *ctx;
    struct origin origin;
};

/* on_open follows later, once. An older link of the device gets END_REPLACED; its apps hear of
 * "online" only when the device was offline before. */
struct device_link *device_link_open(struct accounts *accounts, const struct device_config *config);
/* Apps hear of "offline" unless a newer link has taken over. */
void device_link_close(struct device_link *link);

/* A device's answer. sequence empty: counts for the oldest command. `text` (the whole message) is
 * kept for the result when not empty. Unknown sequences are ignored. */
struct device_ack {
    struct str sequence;
    int64_t error;
    struct str text;
};
void device_link_ack(struct device_link *link, const struct device_ack *ack);
/* params (object or array), d_seq and seq of *report are read. ERR_INVALID, ERR_TOO_LARGE,
 * ERR_BUSY (too many uncommitted): refused at once, no on_report_done. */
MUST_USE enum err device_link_report(struct device_link *link, const struct change *report);
/* The device's stored params: one JSON object, valid until the next call. */
struct str device_link_params(const struct device_link *link);
