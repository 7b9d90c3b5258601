/*
 * tls_world - one server, and a client and a server transport that begin anew in each test.
 */
#pragma once

#include "base/metric.h"
#include "tls/tls_server.h"
#include "tls_pair.h"

#include <stddef.h>
#include <stdint.h>

struct tls_world {
    struct tls_files files;
    struct tls_server *server;
    struct tls_peer peer;
    struct tls_pair pair;
    struct metric_set *metrics; /* of the server's side of the present pair */
};

/* cmocka's group set-up and tear-down: *state is the world. Two kinds: the server's links stay
 * with OpenSSL, or their records are our own (tls_record). */
int tls_world_make(void **state);
int tls_world_make_own(void **state);
int tls_world_remove(void **state);

/* A fresh client of that TLS version; its first flight is on its way. */
void tls_world_start(struct tls_world *world, int version);
/* The same, and the handshake is done. */
void tls_world_open(struct tls_world *world, int version);
void tls_world_stop(struct tls_world *world);
int64_t tls_world_counted(const struct tls_world *world, enum metric metric);

/* `len` bytes that no two places have in common by chance. */
struct buf tls_world_pattern(size_t len);
/* The records in `wire`, all whole and none longer than allowed. */
size_t tls_world_count_records(struct str wire);
