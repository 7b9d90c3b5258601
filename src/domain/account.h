/*
 * account - the objects of one worker's accounts, and the life of one account.
 *
 * Private to domain: accounts, session, device, device_link and command share these objects.
 *
 *     accounts --+-- account --+-- session --- commands it asked for
 *                |             +-- device  --- link, commands sent to it, whoever awaits its load
 *                +-- devices by id, commands by deadline
 */
#pragma once

#include "base/buf.h"
#include "base/link.h"
#include "base/map.h"
#include "base/stash.h"
#include "domain/accounts.h"
#include "domain/device_link.h"
#include "domain/owners.h"
#include "domain/session.h"
#include "store/store_record.h"

struct accounts {
    struct accounts_config config;
    struct pool *pool; /* of sessions, devices and what else stays */
    struct stash commands;
    struct map *by_apikey;
    struct map *devices;
    struct map *sharees;       /* of the devices in memory that are shared, by device */
    struct owners owners;      /* of devices that are at home elsewhere */
    struct link pending;       /* sent commands, by deadline; the limit is the same for all */
    struct link late;          /* timed out, but an answer would still count; likewise */
    struct link offers;        /* of shares, to accounts here */
    struct link share_flows;   /* requests about shares of accounts here */
    struct link share_errands; /* such requests that sessions here have made */
    struct lru silences;       /* offers that were not answered lately */
    uint64_t last_sequence;    /* of commands to devices: wall milliseconds, made unique */
    size_t store_waits;        /* callbacks that the store owes us */
};

struct account {
    char apikey[STORE_APIKEY_CAP];
    struct accounts *accounts;
    struct link sessions;
    struct link devices;
    uint32_t session_count;
    uint32_t ended_count; /* sessions that are not closed yet: they name it */
};

struct session {
    struct link link;        /* in account->sessions until it ends */
    struct account *account; /* held until the session is closed */
    const struct session_events *events;
    void *ctx;
    uint64_t token_tag; /* the first bytes of its token's hash */
    struct link commands;
    uint32_t app_tag; /* a digest of its app's id */
    uint32_t command_count : 31;
    uint32_t is_ended : 1; /* by the domain; the edge has yet to close it */
};

/* A number for what a client must answer: wall milliseconds, made unique. */
uint64_t accounts_next_sequence(struct accounts *accounts);

/* The account of that key, made when it is new. */
struct account *account_get(struct accounts *accounts, struct str apikey);
/* A session has left: once none is open, forgets idle devices, and the account when it is empty. */
void account_release(struct account *account);
/* Frees the account when it has neither a session, closed or not, nor a device. */
void account_free_empty(struct account *account);

/* Takes the session out of its account and tells its edge. */
void session_end(struct session *session, enum session_end end);
/* Ends the sessions of an app that has been disabled; one that is enabled has none. */
void session_end_app(struct accounts *accounts, struct str appid);
void device_link_end(struct device_link *link, enum session_end end);
