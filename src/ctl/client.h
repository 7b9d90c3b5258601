/*
 * client - a client that speaks the real protocol: dispatch, connection, handshake, heartbeat, and
 * reconnecting with back-off and jitter.
 *
 * Behaves as the founding document asks of a client: it connects by the IP it was told, pings every
 * n seconds as the handshake said, and dials again when no pong comes within 3 s. For the
 * simulator, the bench and the demonstration. The loop's thread only.
 */
#pragma once

#include "base/str.h"
#include "net/conn.h"
#include "net/loop.h"
#include "proto/client_message.h"
#include "proto/message.h"
#include "tls/tls_client.h"

#include <stdbool.h>
#include <stdint.h>

struct client;

enum client_kind { CLIENT_APP, CLIENT_DEVICE };

/* What is traced: one call per request, answer and frame. */
enum client_trace { TRACE_STEP, TRACE_SENT, TRACE_RECEIVED };

struct client_events {
    /* The handshake was accepted. */
    void (*on_online)(void *ctx, struct client *client);
    /* Any message after the handshake. The text ends with the call. */
    void (*on_message)(void *ctx, struct client *client, const struct message *message);
    /* The pong to a ping. Optional. */
    void (*on_pong)(void *ctx, struct client *client);
    /* The link is gone, or an attempt failed; `why` is for people. It dials again by itself unless
     * config.once is set or client_stop() was called. */
    void (*on_offline)(void *ctx, struct client *client, const char *why);
    void (*on_trace)(void *ctx, struct client *client, enum client_trace what, struct str text);
};

/* Shared by many clients; borrowed for their life. */
struct client_config {
    struct loop *loop;
    struct tls_client *tls; /* NULL: plain text */
    const struct conn_config *conn;
    struct address dispatcher;
    const char *dispatcher_name; /* what its certificate must match, and the Host header */
    bool once;                   /* no reconnecting */
    const struct client_events *events;
};

/* Copies nothing of *who: its views must stay valid. ctx goes to the events. */
struct client *client_new(const struct client_config *config, enum client_kind kind,
                          const struct client_identity *who, void *ctx);
void client_free(struct client *client); /* accepts NULL; stopped, and turns have passed */

/* Begins after delay_ms (so that many do not begin at once). */
void client_start(struct client *client, uint64_t delay_ms);
/* Closes in order; on_offline follows if it was online. */
void client_stop(struct client *client);

/* Closes at once, with no further event; client_free() may follow after a turn of the loop. */
void client_abandon(struct client *client);

/* Sends one message; false when it is not online or the peer does not read. */
bool client_send(struct client *client, struct str text);
/* A WebSocket ping ahead of its time; the link is rebuilt when no pong comes within 3 s. */
void client_ping(struct client *client);
/* The account's apikey as the handshake told it; empty before. */
struct str client_apikey(const struct client *client);
const struct client_identity *client_identity(const struct client *client);
