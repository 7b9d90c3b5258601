/*
 * gateway_handshake - a userOnline or register under way: what its answer must echo, and the way to
 * the account's home.
 *
 * Private to gateway. The thread of the worker that holds the link.
 */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "domain/access.h"
#include "proto/message.h"

#include <stdbool.h>
#include <stdint.h>

struct gateway;
struct gateway_link;

/* A handshake under way: owns copies of what its answer must echo. */
struct gateway_handshake {
    struct gateway_link *link; /* NULL: the client has left meanwhile */
    struct access_grant grant; /* of an app */
    bool is_of_sharer;         /* likewise: its apikey is of somebody who shares with it */
    struct str apikey;         /* these look into text[] */
    struct str deviceid;
    struct str sequence;
    struct str model;
    struct json_value d_seq;
    int64_t version;
    bool has_text_version;
    bool is_again; /* of a device that is registered on this link already, and stays so meanwhile */
    char owner[STORE_APIKEY_CAP];
    struct buf params;     /* of a device: what the check of its key read, */
    bool is_shared;        /* likewise, and */
    uint64_t device_epoch; /* when (domain/device_epochs.h) */
    struct gateway *home;  /* where it is on its way to, and what is called there */
    void (*arrived)(struct gateway_link *link);
    char text[];
};

/* Pauses the link and keeps what the answer needs. */
struct gateway_handshake *gateway_handshake_begin(struct gateway_link *link,
                                                  const struct message *message);
/* The answer is there: the link it is for (its input resumed), or NULL when the client has left.
 * Frees nothing; gateway_handshake_free() does. */
struct gateway_link *gateway_handshake_end(struct gateway_handshake *handshake);
void gateway_handshake_free(struct gateway_handshake *handshake);

/* Takes the link to the worker that is home to `owner` and calls `arrived` there; at once when it
 * is this one. The handshake travels with it. */
void gateway_handshake_go_home(struct gateway_link *link, struct str owner,
                               void (*arrived)(struct gateway_link *link));
