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
    run->begin_cpu = read_cpu(run);
    run->begin_us = loop_clock_us();
    if (isatty(STDERR_FILENO))
        loop_timer_start(run->loop, &run->progress, PROGRESS_MS, on_progress);
}

void bench_run_end(struct bench_run *run)
{
    struct bench_cpu now = read_cpu(run);

    run->elapsed_us = loop_clock_us() - run->begin_us;
    run->is_measuring = false;
    run->cpu.total_us = now.total_us - run->begin_cpu.total_us;
    run->cpu.user_us = now.user_us - run->begin_cpu.user_us;
    run->cpu.system_us = now.system_us - run->begin_cpu.system_us;
    timer_stop(&run->progress);
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%40s\r", "");
}

static void on_measured(struct timer *timer)
{
    struct bench_run *run = CONTAINER_OF(timer, struct bench_run, timer);

    bench_run_end(run);
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

/* The scheduler's total, shared out as the kernel's ticks say. */
static double share_us(const struct bench_run *run, uint64_t part_us)
{
    uint64_t both_us = run->cpu.user_us + run->cpu.system_us;

    if (both_us == 0 || run->operations == 0)
        return 0;
    return (double)run->cpu.total_us * (double)part_us / (double)both_us / (double)run->operations;
}

void bench_run_print(const struct bench_run *run)
{
    double seconds = (double)run->elapsed_us / 1e6;
    double operations = (double)run->operations;

    printf("{\"scenario\":\"%s\",\"operations\":%" PRIu64 ",\"errors\":%" PRIu64
           ",\"seconds\":%.3f,\"per_second\":%.1f,\"cpu_us\":%.3f,\"user_us\":%.3f,"
           "\"system_us\":%.3f,\"busy\":%.3f}\n",
           bench_options_scenario_name(run->options->scenario), run->operations, run->errors,
           seconds, operations / seconds,
           operations == 0 ? 0 : (double)run->cpu.total_us / operations,
           share_us(run, run->cpu.user_us), share_us(run, run->cpu.system_us),
           (double)run->cpu.total_us / 1e6 / seconds);
    fflush(stdout);
}
