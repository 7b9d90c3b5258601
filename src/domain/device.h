/*
 * device - a device in memory: its params, its link, and what waits for it.
 *
 * Loaded from the store when first needed; it is the only writer of its row, so memory and store
 * agree. Private to domain. Its changes are committed in the order they were made.
 */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "base/link.h"
#include "domain/account.h"

struct command;

enum device_state {
    DEVICE_LOADING, /* the store has been asked; commands and links wait */
    DEVICE_READY,
};

struct device {
    char id[STORE_DEVICE_ID_CAP];
    enum device_state state;
    bool must_reload; /* what is being loaded is out of date already */
    bool is_stale;    /* a commit failed: memory is ahead of the store until it is loaded again */
    struct accounts *accounts;
    struct account *account; /* the owner; NULL while loading */
    struct link in_account;
    struct buf params;
    struct device_link *link; /* the newest; NULL: offline */
    struct link waiting_links;
    struct link waiting_commands;
    struct link commands; /* sent, or timed out, each by age; answered ones have left */
    size_t command_count;
    size_t holds;                /* calls under way that still need it: not to be freed */
    struct link commits_flying;  /* changes whose row the store is writing */
    struct link commits_waiting; /* changes made meanwhile: the next row has them all */
    size_t uncommitted;          /* in both lists */
};

struct device_link {
    struct link link;      /* in device->waiting_links while its device loads */
    struct device *device; /* NULL once it has ended */
    struct accounts *accounts;
    const struct device_events *events;
    void *ctx;
    struct origin origin;
    char deviceid[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
    char model[STORE_MODEL_CAP];
    struct link reports; /* not committed yet */
    size_t report_count;
};

/* The device of that id, its loading begun when it is new; NULL when the store is too busy. */
struct device *device_get(struct accounts *accounts, struct str id);

/* Frees the device, and its account after it, when nothing needs it. */
void device_release(struct device *device);
/* Frees the device, but never its account, when nothing of its own needs it. */
void device_forget(struct device *device);

/* The device is gone or somebody else's: ends its link and its commands, and forgets it. */
void device_drop(struct device *device);

/* Loads the row again: memory is no longer what the store holds. */
void device_reload(struct device *device);

/* A waiting link whose device is loaded becomes its link. In device_link.c. */
void device_link_attach(struct device_link *link);

/* Writes when the device came or went; nobody waits for it. */
void device_note_presence(struct device *device, bool online, struct str model);
