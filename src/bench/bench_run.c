#include "bench/bench_run.h"

#include "base/crypto.h"
#include "bench/bench_load.h"
#include "ctl/consecutive_id.h"
#include "net/address_resolve.h"
#include "proto/client_message.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    ERRORS_MAX = 1000, /* beside some for each connection: a storm may be refused often */
    ERRORS_EACH_MAX = 100,
    INPUT_MAX_BYTES = 128 * 1024,
    QUEUED_MAX_BYTES = 256 * 1024,
    HANDSHAKE_MS = 30000,
    LINGER_MS = 1000,
    PROBE_NICE = -20,
    LOAD_NICE = 10,
};

/* ---- for the loads ---- */

struct bench_dial bench_run_dial(struct bench_run *run, const struct conn_handler *handler,
                                 void *ctx, const struct tls_client_session *session)
{
    struct transport *transport = tls_client_transport(run->tls, "localhost", false);
    struct bench_dial dial = {.transport = transport};

    if (session != NULL && !tls_client_session_offer(transport, session))
        bench_run_fail(run, "a session can't be resumed");
    if (conn_connect(run->loop, &run->server, transport, &run->conn, &dial.conn) != ERR_NONE) {
        bench_run_fail(run, "no socket is left for a connection");
        return (struct bench_dial){NULL, NULL};
    }
    conn_set_handler(dial.conn, handler, ctx);
    return dial;
}

void bench_run_ready(struct bench_run *run)
{
    const char ready = 'r';

    if (run->waits > 0 && --run->waits == 0 && write(run->up, &ready, 1) != 1)
        bench_run_fail(run, "nobody waits for this process any more");
}

void bench_run_fail(struct bench_run *run, const char *why)
{
    if (!run->has_failed && !run->is_over)
        snprintf(run->row->why, sizeof run->row->why, "%s", why);
    run->has_failed |= !run->is_over;
    run->is_over = true;
    loop_stop(run->loop);
}

static bool is_measuring(const struct bench_run *run)
{
    return atomic_load_explicit(&run->board->is_measuring, memory_order_relaxed);
}

/* The row has one writer, so that no locked instruction is needed. */
static uint64_t add_one(atomic_uint_least64_t *count)
{
    uint64_t value = atomic_load_explicit(count, memory_order_relaxed) + 1;

    atomic_store_explicit(count, value, memory_order_relaxed);
    return value;
}

void bench_run_error(struct bench_run *run, enum bench_work work)
{
    uint64_t max = ERRORS_MAX + run->options->connections * ERRORS_EACH_MAX;

    if (is_measuring(run) && add_one(&run->row->counts[work].errors) > max)
        bench_run_fail(run, "too many operations failed");
}

void bench_run_done(struct bench_run *run, enum bench_work work, uint64_t begin_us)
{
    struct bench_count *count = &run->row->counts[work];

    if (!is_measuring(run))
        return;
    add_one(&count->operations);
    bench_histogram_add(&count->latency, loop_clock_us() - begin_us);
}

void bench_run_note_tls(struct bench_run *run, enum bench_work work,
                        const struct transport *transport)
{
    if (run->row->tls[0] == '\0')
        tls_client_describe(run->tls, run->row->tls, sizeof run->row->tls);
    if (run->options->resume && is_measuring(run) && tls_client_was_resumed(transport))
        add_one(&run->row->counts[work].resumed);
}

struct client_identity bench_run_identity(const struct bench_run *run)
{
    return (struct client_identity){
        .appid = str_of(run->options->appid),
        .apikey = str_of(run->options->key),
        .model = STR("BENCH-1"),
        .nonce = STR("a1b2c3d4"),
        .ts = loop_wall_ms(run->loop) / 1000,
    };
}

void bench_run_device_id(const struct bench_run *run, uint64_t index, char out[BENCH_ID_CAP])
{
    char id[CONSECUTIVE_ID_CAP];

    consecutive_id(run->options->id, index, id);
    snprintf(out, BENCH_ID_CAP, "%.*s", BENCH_ID_CAP - 1, id);
}

void bench_run_token(const struct bench_run *run, uint64_t index, char out[BENCH_TOKEN_CAP])
{
    const struct bench_options *options = run->options;
    const char *token = options->token == NULL ? "" : options->token;

    if (options->tokens > 0)
        index %= options->tokens;
    snprintf(out, BENCH_TOKEN_CAP, "%s%" PRIu64, token, index);
}

/* ---- the process ---- */

static const struct bench_load *load_of(enum bench_work work)
{
    switch (work) {
    case BENCH_WORK_IDLE:
        return &bench_idle;
    case BENCH_WORK_COMMANDS:
        return &bench_commands;
    case BENCH_WORK_DISPATCH:
        return &bench_dispatch;
    case BENCH_WORK_CONNECT:
        return &bench_connect;
    case BENCH_WORK_STORM:
        return &bench_storm;
    case BENCH_WORK_PING:
        return &bench_ping;
    case BENCH_WORK_GARBAGE:
        return &bench_garbage;
    }
    return NULL;
}

/* One byte: go, once more. The end of the pipe: it is over. */
static void on_down(struct loop_watch *watch, unsigned events)
{
    struct bench_run *run = CONTAINER_OF(watch, struct bench_run, down);
    char ignored;

    (void)events;
    if (read(watch->fd, &ignored, 1) != 1) {
        run->is_over = true;
        loop_stop(run->loop);
        return;
    }
    run->waits = run->load_count;
    for (size_t i = 0; i < run->load_count && !run->is_over; i++)
        run->loads[i]->go(run->states[i]);
}

static enum err open_tls(struct bench_run *run, struct problem *problem)
{
    enum err err = ERR_NONE;

    if (run->options->resume)
        err = tls_client_open(NULL, false, problem, &run->tls);
    else
        run->tls = tls_client_new_own();
    if (err)
        return err;
    if (run->options->tls == BENCH_TLS_12)
        tls_client_limit_to_12(run->tls);
    if (run->options->tls == BENCH_TLS_13)
        tls_client_insist_on_13(run->tls);
    return ERR_NONE;
}

static enum err open_run(struct bench_run *run)
{
    struct problem problem = {0};
    enum err err = address_resolve(str_of(run->options->server), &run->server, &problem);

    run->conn = (struct conn_config){
        .max_input = INPUT_MAX_BYTES,
        .max_queued = QUEUED_MAX_BYTES,
        .handshake_ms = HANDSHAKE_MS,
        .linger_ms = LINGER_MS,
    };
    if (!err)
        err = open_tls(run, &problem);
    if (err) {
        snprintf(run->row->why, sizeof run->row->why, "%s", problem.text);
        return err;
    }
    address_format(&run->server, run->host);
    run->loop = loop_new();
    return ERR_NONE;
}

/* What is aborted is told so at the end of a turn, and freed at the end of the next. */
static void close_run(struct bench_run *run)
{
    run->is_over = true;
    for (size_t i = 0; i < run->load_count; i++)
        run->loads[i]->close(run->states[i]);
    loop_turn(run->loop, 0);
    loop_turn(run->loop, 0);
    for (size_t i = 0; i < run->load_count; i++)
        run->loads[i]->free(run->states[i]);
    loop_watch_stop(&run->down);
    loop_free(run->loop);
    tls_client_close(run->tls);
    buf_free(&run->frame);
}

/* The probe goes before the load. As far as it may; what a process may not do, it does without. */
static void be_nice(const struct bench_options *options, const struct bench_duty *duty)
{
    if (options->scenario == BENCH_PONG_UNDER_LOAD)
        (void)setpriority(PRIO_PROCESS, 0, duty->is_probe ? PROBE_NICE : LOAD_NICE);
}

static void open_loads(struct bench_run *run, const struct bench_duty *duty)
{
    run->waits = duty->job_count;
    for (size_t i = 0; i < duty->job_count && !run->has_failed; i++) {
        run->loads[i] = load_of(duty->jobs[i].work);
        run->states[i] = run->loads[i]->open(run, &duty->jobs[i]);
        run->load_count = i + 1;
    }
}

int bench_run(const struct bench_options *options, const struct bench_duty *duty,
              struct bench_board *board, size_t row, struct bench_pipes pipes)
{
    struct bench_run run = {
        .options = options,
        .board = board,
        .row = &board->rows[row],
        .up = pipes.up,
        .down = {.on_ready = on_down},
        .mask = crypto_random_u64() | 1,
    };

    if (open_run(&run) != ERR_NONE)
        return 1;
    be_nice(options, duty);
    if (loop_watch_start(run.loop, &run.down, pipes.down, LOOP_READABLE) != ERR_NONE)
        bench_run_fail(&run, "a pipe can't be watched");
    open_loads(&run, duty);
    if (!run.has_failed)
        loop_run(run.loop);
    close_run(&run);
    return run.has_failed ? 1 : 0;
}
