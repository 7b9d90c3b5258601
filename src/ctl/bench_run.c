#include "ctl/bench_run.h"

#include "net/address_resolve.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum {
    PROGRESS_MS = 500,
    ERRORS_MAX = 1000,
    INPUT_MAX_BYTES = 128 * 1024,
    QUEUED_MAX_BYTES = 256 * 1024,
    HANDSHAKE_MS = 20000,
    LINGER_MS = 1000,
};

enum err bench_run_open(const struct bench_options *options, struct bench_run *out)
{
    struct problem problem = {0};
    enum err err;

    *out = (struct bench_run){
        .options = options,
        .result = {.scenario = bench_options_scenario_name(options->scenario), .pid = options->pid},
        .conn = {.max_input = INPUT_MAX_BYTES,
                 .max_queued = QUEUED_MAX_BYTES,
                 .handshake_ms = HANDSHAKE_MS,
                 .linger_ms = LINGER_MS},
    };
    err = address_resolve(str_of(options->server), &out->server, &problem);
    if (!err)
        err = tls_client_open(NULL, false, &problem, &out->tls);
    if (err) {
        fprintf(stderr, "switchyard bench: %s\n", problem.text);
        return err;
    }
    address_format(&out->server, out->host);
    out->loop = loop_new();
    return ERR_NONE;
}

void bench_run_close(struct bench_run *run)
{
    timer_stop(&run->timer);
    timer_stop(&run->progress);
    loop_free(run->loop);
    tls_client_close(run->tls);
}

struct conn *bench_run_dial(struct bench_run *run, const struct conn_handler *handler, void *ctx)
{
    struct transport *transport = tls_client_transport(run->tls, "localhost", false);
    struct conn *conn;

    if (conn_connect(run->loop, &run->server, transport, &run->conn, &conn) != ERR_NONE) {
        bench_run_fail(run, "no socket is left for a connection");
        return NULL;
    }
    conn_set_handler(conn, handler, ctx);
    return conn;
}

static struct bench_cpu read_cpu(struct bench_run *run)
{
    struct bench_cpu cpu = {0};

    if (run->options->pid != 0 && bench_cpu_read(run->options->pid, &cpu) != ERR_NONE)
        bench_run_fail(run, "can't read the CPU time of --pid");
    return cpu;
}

static void show(struct bench_run *run)
{
    fprintf(stderr, "\r  %s %8" PRIu64 "/s ", bench_options_scenario_name(run->options->scenario),
            (run->operations - run->shown) * 1000 / PROGRESS_MS);
    run->shown = run->operations;
}

static void on_progress(struct timer *timer)
{
    struct bench_run *run = CONTAINER_OF(timer, struct bench_run, progress);

    show(run);
    loop_timer_start(run->loop, timer, PROGRESS_MS, on_progress);
}

void bench_run_begin(struct bench_run *run)
{
    run->is_measuring = true;
    run->operations = 0;
    run->errors = 0;
    run->shown = 0;
    run->begin_cpu = read_cpu(run);
    run->begin_us = loop_clock_us();
    if (isatty(STDERR_FILENO))
        loop_timer_start(run->loop, &run->progress, PROGRESS_MS, on_progress);
}

void bench_run_end(struct bench_run *run)
{
    struct bench_cpu now = read_cpu(run);

    run->is_measuring = false;
    run->result.samples[run->result.runs++] = (struct bench_sample){
        .operations = run->operations,
        .errors = run->errors,
        .elapsed_us = loop_clock_us() - run->begin_us,
        .cpu = {.total_us = now.total_us - run->begin_cpu.total_us,
                .user_us = now.user_us - run->begin_cpu.user_us,
                .system_us = now.system_us - run->begin_cpu.system_us},
    };
    timer_stop(&run->progress);
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%40s\r", "");
}

static void on_measured(struct timer *timer)
{
    struct bench_run *run = CONTAINER_OF(timer, struct bench_run, timer);

    bench_run_end(run);
    if (run->result.runs < run->options->runs) {
        bench_run_begin(run);
        loop_timer_start(run->loop, timer, run->options->for_ms, on_measured);
        return;
    }
    run->is_over = true;
    loop_stop(run->loop);
}

static void on_warm(struct timer *timer)
{
    struct bench_run *run = CONTAINER_OF(timer, struct bench_run, timer);

    bench_run_begin(run);
    loop_timer_start(run->loop, timer, run->options->for_ms, on_measured);
}

void bench_run_schedule(struct bench_run *run)
{
    loop_timer_start(run->loop, &run->timer, run->options->warm_ms, on_warm);
}

void bench_run_error(struct bench_run *run)
{
    if (++run->errors > ERRORS_MAX)
        bench_run_fail(run, "too many operations failed");
}

void bench_run_fail(struct bench_run *run, const char *why)
{
    if (!run->has_failed && !run->is_over)
        fprintf(stderr, "switchyard bench: %s\n", why);
    run->has_failed = true;
    run->is_over = true;
    loop_stop(run->loop);
}

void bench_run_print(const struct bench_run *run)
{
    struct buf text = BUF_EMPTY;

    if (run->options->json)
        bench_result_json(&run->result, &text);
    else
        bench_result_table(&run->result, &text);
    fwrite(text.ptr, 1, text.len, stdout);
    fflush(stdout);
    buf_free(&text);
}
