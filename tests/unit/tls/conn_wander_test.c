#include "net/conn.h"

#include "base/alloc.h"
#include "loopback.h"
#include "tls/tls_client.h"
#include "tls/tls_server.h"
#include "tls_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Many connections that wander between two threads while their clients talk. */

enum { LINKS = 40, ROUNDS = 60, RECORD = 16, WORKERS = 2 };

struct worker {
    pthread_t thread;
    struct loop *loop;
    struct conn_config config;
};

struct crowd {
    struct worker workers[WORKERS];
    atomic_int closed;
    atomic_int moves;
};

/* The server's side of one connection, owned by whoever owns the connection. */
struct wanderer {
    struct crowd *crowd;
    int worker;
    unsigned seed;
};

static const struct conn_handler WANDERER;

static void on_wanderer_arrived(void *ctx, struct conn *conn)
{
    struct wanderer *wanderer = ctx;

    assert_ptr_equal(conn_loop(conn), wanderer->crowd->workers[wanderer->worker].loop);
    conn_set_handler(conn, &WANDERER, wanderer);
}

static void move_on(struct wanderer *wanderer, struct conn *conn)
{
    struct worker *target;

    wanderer->worker = (wanderer->worker + 1) % WORKERS;
    target = &wanderer->crowd->workers[wanderer->worker];
    atomic_fetch_add(&wanderer->crowd->moves, 1);
    conn_move(conn, target->loop, &target->config, on_wanderer_arrived, wanderer);
}

/* Answers some whole records; now and then moves on, with the rest left behind. */
static size_t on_wanderer_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct wanderer *wanderer = ctx;
    size_t used = len - len % RECORD;

    wanderer->seed = wanderer->seed * 1103515245 + 12345;
    if (wanderer->seed >> 30 == 0) {
        if (used > RECORD)
            used = RECORD;
        if (used > 0)
            conn_send(conn, (struct str){data, used});
        move_on(wanderer, conn);
        return used;
    }
    if (used > 0)
        conn_send(conn, (struct str){data, used});
    return used;
}

static void on_wanderer_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct wanderer *wanderer = ctx;

    (void)conn;
    assert_int_equal(end, CONN_PEER_CLOSED);
    atomic_fetch_add(&wanderer->crowd->closed, 1);
    free(wanderer);
}

static const struct conn_handler WANDERER = {.on_data = on_wanderer_data,
                                             .on_close = on_wanderer_close};

/* The client's side: sends numbered records in odd pieces and wants each of them back. */
struct client {
    struct conn *conn;
    uint64_t sent;
    uint64_t back;
    int *open;
};

static size_t on_client_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct client *client = ctx;
    size_t used = 0;

    (void)conn;
    for (; len - used >= RECORD; used += RECORD) {
        uint64_t number;

        memcpy(&number, data + used, sizeof number);
        assert_int_equal(number, client->back++);
    }
    return used;
}

static void on_client_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct client *client = ctx;

    (void)conn;
    (void)end;
    --*client->open;
    client->conn = NULL;
}

static const struct conn_handler CLIENT = {.on_data = on_client_data, .on_close = on_client_close};

static void send_records(struct client *client, int count)
{
    char record[RECORD] = {0};

    for (int i = 0; i < count; i++) {
        memcpy(record, &client->sent, sizeof client->sent);
        client->sent++;
        assert_true(conn_send(client->conn, (struct str){record, 5}));
        assert_true(conn_send(client->conn, (struct str){record + 5, RECORD - 5}));
    }
}

static void *run_worker(void *loop)
{
    loop_run(loop);
    return NULL;
}

static void start_workers(struct crowd *crowd, const struct conn_config *config)
{
    for (int i = 0; i < WORKERS; i++) {
        crowd->workers[i].loop = loop_new();
        crowd->workers[i].config = *config;
        crowd->workers[i].config.metrics = metric_set_new();
    }
}

static void run_workers(struct crowd *crowd)
{
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(
            pthread_create(&crowd->workers[i].thread, NULL, run_worker, crowd->workers[i].loop), 0);
}

static void stop_workers(struct crowd *crowd)
{
    struct metric_set *sets[WORKERS];

    for (int i = 0; i < WORKERS; i++) {
        loop_stop(crowd->workers[i].loop);
        pthread_join(crowd->workers[i].thread, NULL);
        sets[i] = crowd->workers[i].config.metrics;
    }
    assert_int_equal(metric_total(sets, WORKERS, METRIC_CONN_OPEN), 0);
    for (int i = 0; i < WORKERS; i++) {
        loop_free(crowd->workers[i].loop);
        metric_set_free(sets[i]);
    }
}

static void join_the_crowd(struct crowd *crowd, int fd, struct transport *transport, int number)
{
    struct wanderer *wanderer = alloc_zero(sizeof *wanderer);
    struct worker *first = &crowd->workers[number % WORKERS];
    struct conn *conn;

    wanderer->crowd = crowd;
    wanderer->worker = number % WORKERS;
    wanderer->seed = (unsigned)number * 7919;
    conn = conn_new(first->loop, fd, transport, &first->config);
    conn_set_handler(conn, &WANDERER, wanderer);
}

/* Each round some records go out; the loop turns until all have come back, now and then sooner. */
static void talk(struct loop *loop, struct client *clients)
{
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < LINKS; i++)
            send_records(&clients[i], 1 + (round * 7 + i) % 20);
        for (int i = 0; i < LINKS; i++)
            while (round % 3 != 0 && clients[i].back < clients[i].sent)
                loop_turn(loop, 1000);
        loop_turn(loop, 0);
    }
    for (int i = 0; i < LINKS; i++)
        while (clients[i].back < clients[i].sent)
            loop_turn(loop, 1000);
}

static void close_clients(struct loop *loop, struct client *clients, const int *open)
{
    for (int i = 0; i < LINKS; i++)
        conn_close(clients[i].conn);
    while (*open > 0)
        loop_turn(loop, 1000);
}

struct makers {
    struct tls_server *server; /* both NULL: plain TCP */
    struct tls_client *client;
};

static void wander(const struct makers *makers)
{
    struct conn_config config = {
        .max_input = 1 << 20,
        .max_queued = 1 << 22,
        .handshake_ms = 60000,
        .linger_ms = 60000,
    };
    struct client clients[LINKS] = {0};
    struct crowd crowd = {.closed = 0};
    struct loop *loop = loop_new();
    int open = LINKS;

    start_workers(&crowd, &config);
    for (int i = 0; i < LINKS; i++) {
        bool is_tls = makers->server != NULL;
        int ours;
        int theirs;

        loopback_pair(&ours, &theirs);
        assert_int_equal(fcntl(theirs, F_SETFL, O_NONBLOCK), 0);
        join_the_crowd(&crowd, ours,
                       is_tls ? tls_server_transport(makers->server, NULL) : transport_plain_new(),
                       i);
        clients[i].open = &open;
        clients[i].conn = conn_new(loop, theirs,
                                   is_tls ? tls_client_transport(makers->client, "localhost", true)
                                          : transport_plain_new(),
                                   &config);
        conn_set_handler(clients[i].conn, &CLIENT, &clients[i]);
    }
    run_workers(&crowd);
    talk(loop, clients);
    close_clients(loop, clients, &open);
    while (atomic_load(&crowd.closed) < LINKS)
        loop_turn(loop, 1);
    stop_workers(&crowd);
    assert_true(atomic_load(&crowd.moves) > LINKS);
    loop_free(loop);
}

static void connections_that_wander_between_threads_lose_no_byte(void **state)
{
    const struct makers plain = {NULL, NULL};

    (void)state;
    wander(&plain);
}

static void wander_with_tls(bool record_layer, bool kernel)
{
    const struct str names[] = {STR("localhost"), STR("127.0.0.1")};
    struct tls_server_config config;
    struct tls_files files;
    struct makers makers;
    struct problem problem;

    tls_files_make(&files, names, 2);
    config = tls_files_config(&files);
    config.record_layer = record_layer;
    config.kernel = kernel;
    assert_int_equal(tls_server_open(&config, &problem, &makers.server), ERR_NONE);
    assert_int_equal(tls_client_open(files.ca, true, &problem, &makers.client), ERR_NONE);
    wander(&makers);
    tls_client_close(makers.client);
    tls_server_close(makers.server);
    tls_files_remove(&files);
}

static void tls_connections_that_wander_between_threads_lose_no_byte(void **state)
{
    (void)state;
    wander_with_tls(false, false);
}

static void connections_with_our_own_records_that_wander_lose_no_byte(void **state)
{
    (void)state;
    wander_with_tls(true, false);
}

static void connections_with_the_kernels_records_that_wander_lose_no_byte(void **state)
{
    (void)state;
    wander_with_tls(true, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_that_wander_between_threads_lose_no_byte),
        cmocka_unit_test(tls_connections_that_wander_between_threads_lose_no_byte),
        cmocka_unit_test(connections_with_our_own_records_that_wander_lose_no_byte),
        cmocka_unit_test(connections_with_the_kernels_records_that_wander_lose_no_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
