#include "tls_world.h"

#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>

enum { RECORD_HEADER = 5, RECORD_MAX = 16 * 1024 };

static void must(bool is_so)
{
    if (!is_so)
        abort();
}

static int make(void **state, bool record_layer)
{
    static const struct str names[] = {{"localhost", 9}};
    struct tls_world *world = alloc_zero(sizeof *world);
    struct tls_server_config config;

    tls_files_make(&world->files, names, 1);
    config = tls_files_config(&world->files);
    config.record_layer = record_layer;
    *state = world;
    return (int)tls_server_open(&config, NULL, &world->server);
}

int tls_world_make(void **state)
{
    return make(state, false);
}

int tls_world_make_own(void **state)
{
    return make(state, true);
}

int tls_world_remove(void **state)
{
    struct tls_world *world = *state;

    tls_server_close(world->server);
    tls_files_remove(&world->files);
    free(world);
    return 0;
}

void tls_world_start(struct tls_world *world, int version)
{
    world->metrics = metric_set_new();
    tls_peer_init(&world->peer);
    SSL_CTX_set_max_proto_version(world->peer.ssl_ctx, version);
    tls_pair_init(&world->pair, tls_peer_transport(&world->peer),
                  tls_server_transport(world->server, world->metrics));
}

void tls_world_stop(struct tls_world *world)
{
    tls_pair_fini(&world->pair);
    tls_peer_fini(&world->peer);
    metric_set_free(world->metrics);
}

void tls_world_open(struct tls_world *world, int version)
{
    tls_world_start(world, version);
    tls_pair_pump(&world->pair, 0);
    must(tls_pair_is_open(&world->pair));
}

int64_t tls_world_counted(const struct tls_world *world, enum metric metric)
{
    return metric_total(&world->metrics, 1, metric);
}

struct buf tls_world_pattern(size_t len)
{
    struct buf buf = BUF_EMPTY;
    char *at = buf_reserve(&buf, len);

    for (size_t i = 0; i < len; i++)
        at[i] = (char)(i * 31 + i / 251);
    buf.len = len;
    return buf;
}

size_t tls_world_count_records(struct str wire)
{
    size_t count = 0;

    while (wire.len > 0) {
        size_t len;

        must(wire.len >= RECORD_HEADER);
        len = (size_t)(unsigned char)wire.ptr[3] << 8 | (unsigned char)wire.ptr[4];
        must(len <= RECORD_MAX + 256 && len <= wire.len - RECORD_HEADER);
        wire = str_sub(wire, RECORD_HEADER + len, wire.len);
        count++;
    }
    return count;
}
