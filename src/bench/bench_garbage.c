#include "bench/bench_load.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "ws/ws_handshake.h"

#include <stdlib.h>

/* Each client does one bad thing after the other, and stays with each until the server closes or
 * its time is over. */
enum bad_thing {
    NO_TLS,       /* random bytes instead of a handshake */
    HALF_REQUEST, /* a head without an end */
    BAD_FRAME,    /* upgraded, then what no frame may be */
    BAD_THINGS,
};

enum { STAY_MS = 100, NOISE_BYTES = 512 };

struct load {
    struct bench_run *run;
    const struct bench_job *job;
    struct client *clients;
};

struct client {
    struct load *load;
    struct conn *conn;
    struct timer timer;
    enum bad_thing thing;
    uint64_t begin_us;
};

static void send_noise(struct conn *conn)
{
    char noise[NOISE_BYTES];

    crypto_random(noise, sizeof noise);
    conn_send(conn, (struct str){noise, sizeof noise});
}

static void send_upgrade(struct client *client, struct conn *conn)
{
    struct buf *request = &client->load->run->frame;
    char key[WS_KEY_CAP];

    buf_clear(request);
    ws_handshake_request(request, str_of(client->load->run->host), STR("/api/ws"), STR_EMPTY, key);
    conn_send(conn, buf_str(request));
}

static void on_open(void *ctx, struct conn *conn)
{
    struct client *client = ctx;

    switch (client->thing) {
    case NO_TLS:
        send_noise(conn);
        break;
    case HALF_REQUEST:
        conn_send(conn, STR("POST /dispatch/app HTTP/1.1\r\nHost: half\r\nContent-Le"));
        break;
    case BAD_FRAME:
        send_upgrade(client, conn);
        break;
    case BAD_THINGS:
        break;
    }
}

/* Whatever the server says to it, it gets noise back, once it is upgraded. */
static size_t on_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct client *client = ctx;

    (void)data;
    if (client->thing == BAD_FRAME)
        send_noise(conn);
    return len;
}

static void on_timer(struct timer *timer)
{
    conn_abort(CONTAINER_OF(timer, struct client, timer)->conn);
}

static void begin(struct client *client);

static void on_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct client *client = ctx;
    struct bench_run *run = client->load->run;

    (void)conn;
    (void)end;
    client->conn = NULL;
    timer_stop(&client->timer);
    if (run->is_over)
        return;
    bench_run_done(run, BENCH_WORK_GARBAGE, client->begin_us);
    client->thing = (client->thing + 1) % BAD_THINGS;
    begin(client);
}

static const struct conn_handler events = {
    .on_data = on_data,
    .on_close = on_close,
    .on_open = on_open,
};

static void begin(struct client *client)
{
    struct bench_run *run = client->load->run;

    client->begin_us = loop_clock_us();
    if (client->thing != NO_TLS) {
        client->conn = bench_run_dial(run, &events, client, NULL).conn;
    } else if (conn_connect(run->loop, &run->server, transport_plain_new(), &run->conn,
                            &client->conn) == ERR_NONE) {
        conn_set_handler(client->conn, &events, client);
    } else {
        client->conn = NULL;
        bench_run_fail(run, "no socket is left for a connection");
    }
    if (client->conn != NULL)
        loop_timer_start(run->loop, &client->timer, STAY_MS, on_timer);
}

static void *open_load(struct bench_run *run, const struct bench_job *job)
{
    struct load *load = alloc_zero(sizeof *load);

    load->run = run;
    load->job = job;
    load->clients = alloc_zero(job->count * sizeof *load->clients);
    bench_run_ready(run);
    return load;
}

static void go(void *ctx)
{
    struct load *load = ctx;

    for (uint64_t i = 0; i < load->job->count; i++) {
        load->clients[i].load = load;
        load->clients[i].thing = (enum bad_thing)(i % BAD_THINGS);
        begin(&load->clients[i]);
    }
}

static void close_load(void *ctx)
{
    struct load *load = ctx;

    for (uint64_t i = 0; i < load->job->count; i++) {
        timer_stop(&load->clients[i].timer);
        if (load->clients[i].conn != NULL)
            conn_abort(load->clients[i].conn);
    }
}

static void free_load(void *ctx)
{
    struct load *load = ctx;

    free(load->clients);
    free(load);
}

const struct bench_load bench_garbage = {
    .open = open_load,
    .go = go,
    .close = close_load,
    .free = free_load,
};
