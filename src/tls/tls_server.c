#include "tls/tls_server.h"

#include "base/alloc.h"
#include "tls/tls_context.h"
#include "tls/tls_ticket.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct tls_server {
    struct transport_maker maker;
    struct tls_context_shared shared; /* so links resume across a reload */
    pthread_mutex_t lock;             /* guards what follows; held for a pointer's copy */
    struct tls_context *context;
    uint64_t rotate_ms;
};

static void shared_unref(const struct tls_context_shared *shared)
{
    tls_ticket_unref(shared->tickets);
    tls_schedule_unref(shared->schedule);
}

static struct transport *make_transport(void *ctx, struct metric_set *metrics)
{
    return tls_server_transport(ctx, metrics);
}

enum err tls_server_open(const struct tls_server_config *config, struct problem *problem,
                         struct tls_server **out)
{
    struct tls_context_shared shared = {
        .tickets = tls_ticket_new(),
        .schedule = config->record_layer ? tls_schedule_new() : NULL,
    };
    struct tls_context *context;
    struct tls_server *server;
    enum err err = tls_context_new(config, &shared, problem, &context);

    if (err) {
        shared_unref(&shared);
        return err;
    }
    server = alloc_zero(sizeof *server);
    server->maker = (struct transport_maker){make_transport, server};
    server->shared = shared;
    pthread_mutex_init(&server->lock, NULL);
    server->context = context;
    server->rotate_ms = config->ticket_rotate_ms;
    *out = server;
    return ERR_NONE;
}

void tls_server_close(struct tls_server *server)
{
    if (server == NULL)
        return;
    tls_context_unref(server->context);
    shared_unref(&server->shared);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

enum err tls_server_reload(struct tls_server *server, const struct tls_server_config *config,
                           struct problem *problem)
{
    struct tls_context *context;
    struct tls_context *old;
    enum err err;

    assert(!config->record_layer || server->shared.schedule != NULL);
    err = tls_context_new(config, &server->shared, problem, &context);
    if (err)
        return err;
    pthread_mutex_lock(&server->lock);
    old = server->context;
    server->context = context;
    server->rotate_ms = config->ticket_rotate_ms;
    pthread_mutex_unlock(&server->lock);
    tls_context_unref(old);
    return ERR_NONE;
}

static struct tls_context *context_ref(struct tls_server *server)
{
    struct tls_context *context;

    pthread_mutex_lock(&server->lock);
    context = tls_context_ref(server->context);
    pthread_mutex_unlock(&server->lock);
    return context;
}

int64_t tls_server_expiry(struct tls_server *server)
{
    struct tls_context *context = context_ref(server);
    int64_t expiry = tls_context_expiry(context);

    tls_context_unref(context);
    return expiry;
}

void tls_server_rotate(struct tls_server *server, uint64_t now_ms)
{
    uint64_t rotate_ms;

    pthread_mutex_lock(&server->lock);
    rotate_ms = server->rotate_ms;
    pthread_mutex_unlock(&server->lock);
    tls_ticket_rotate(server->shared.tickets, rotate_ms, now_ms);
}

struct transport *tls_server_transport(struct tls_server *server, struct metric_set *metrics)
{
    return tls_context_transport(context_ref(server), metrics);
}

const struct transport_maker *tls_server_maker(const struct tls_server *server)
{
    return &server->maker;
}
