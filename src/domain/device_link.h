/*
 * device_link - a device's open link: commands to it, its answers and its reports.
 *
 * Presence comes from links: each has an epoch, and only the newest one's end makes the device
 * offline. The owning worker's thread only.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/accounts.h"
#include "domain/change.h"

#include <stdbool.h>
#include <stdint.h>

struct device_link;

struct device_events {
    /* Once, maybe within device_link_open(): the link is open and its params are loaded. Or err
     * says why not (ERR_NOT_FOUND: gone, or another's by now); then close it. */
    void (*on_open)(void *ctx, struct device_link *link, enum err err);
    /* A command to be sent: sequence is ours, at most 20 digits. ERR_TOO_LARGE: for the device; it
     * was not sent. */
    enum err (*on_command)(void *ctx, enum command_kind kind, const struct change *command);
    /* A report has been committed (or not): answer it. */
    void (*on_report_done)(void *ctx, enum err err, const struct change *report);
    /* The domain ends it; the edge must close it, then or later. */
    void (*on_end)(void *ctx, enum session_end end);
    uint64_t (*conn_id)(void *ctx);
    void (*tell_origin)(void *ctx, struct origin *out);
};

/* What the check of the device's key has read of it, so that its home need not read it again. */
struct device_reading {
    struct str params;
    uint64_t epoch; /* device_epochs_get(), before the row was asked for */
    bool is_shared; /* then it is read again, with its shares */
};

/* What the firmware can take of commands at a time. */
struct device_pace {
    uint16_t at_once;  /* sent and not answered; 0: as many as max_pending */
    bool one_exchange; /* none while a report of its own awaits the answer */
};

struct device_config {
    struct device_pace pace;
    struct str deviceid;
    struct str owner; /* the account: must be at home on this worker */
    struct str model; /* stored when not empty */
    const struct device_events *events;
    void *ctx;
    const struct device_reading *reading; /* of a row with this owner; NULL: none */
};

/* An older link of the device gets END_REPLACED; apps hear of "online" only when the device was
 * offline before. */
struct device_link *device_link_open(struct accounts *accounts, const struct device_config *config);
/* Apps hear of "offline" unless a newer link has taken over, or the domain has ended it before. */
void device_link_close(struct device_link *link, enum device_loss loss);

/* A device's answer. sequence empty: counts for the oldest command that has not timed out, else for
 * the oldest that has. `text` (the whole message) is kept for the result when not empty. Unknown
 * sequences are ignored. */
struct device_ack {
    struct str sequence;
    int64_t error;
    struct str text;
};
void device_link_ack(struct device_link *link, const struct device_ack *ack);
/* params (object or array), d_seq and seq of *report are read. ERR_INVALID, ERR_TOO_LARGE,
 * ERR_BUSY (too many uncommitted): refused at once, no on_report_done; else it runs once, maybe
 * within the call. */
MUST_USE enum err device_link_report(struct device_link *link, const struct change *report);
/* The device's stored params: one JSON object, valid until the next call. */
struct str device_link_params(const struct device_link *link);
/* Its device and account, NUL-terminated; empty when it could not be opened, or they are gone. */
struct str device_link_deviceid(const struct device_link *link);
struct str device_link_owner(const struct device_link *link);
