#include "bench/bench_load.h"

#include "base/alloc.h"
#include "bench/bench_pace.h"
#include "http/http_reply.h"
#include "proto/client_message.h"

#include <stdlib.h>

enum { REPLY_MAX_BYTES = 16 * 1024 };

struct load {
    struct bench_run *run;
    const struct bench_job *job;
    struct bench_pace pace;
    struct caller *callers;
    uint64_t open;
    uint64_t next;      /* the caller whose turn it is, if it is idle */
    struct buf request; /* the same bytes every time */
};

/* One connection at a time; with connect_each one after the other. */
struct caller {
    struct load *load;
    struct conn *conn;
    struct transport *transport;
    struct tls_client_session *session; /* of the connection before; with --resume */
    uint64_t begin_us;
    bool is_busy;
    bool is_answered; /* the connection has served; it is being closed */
};

static void format_request(struct load *load)
{
    const struct bench_options *options = load->run->options;
    struct client_identity who = bench_run_identity(load->run);
    struct buf body = BUF_EMPTY;

    client_message_format_dispatch(&body, &who);
    buf_printf(&load->request,
               "POST /dispatch/app HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s%s\r\n"
               "Content-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n",
               load->run->host, options->token, options->scenario == BENCH_MIXED ? "0" : "",
               options->connect_each ? "Connection: close\r\n" : "", body.len);
    buf_append(&load->request, buf_str(&body));
    buf_free(&body);
}

static void dial(struct caller *caller);

static void begin(struct caller *caller)
{
    caller->is_busy = true;
    if (caller->load->run->options->connect_each) {
        dial(caller);
        return;
    }
    caller->begin_us = loop_clock_us();
    conn_send(caller->conn, buf_str(&caller->load->request));
}

static void on_open(void *ctx, struct conn *conn)
{
    struct caller *caller = ctx;
    struct load *load = caller->load;

    if (load->run->options->connect_each)
        conn_send(conn, buf_str(&load->request));
    else if (++load->open == load->job->count)
        bench_run_ready(load->run);
}

static bool is_route(const struct http_reply *reply)
{
    struct client_route route;

    return reply->status == 200 && client_message_parse_route(reply->body, &route) == ERR_NONE &&
           route.error == 0;
}

static void keep_session(struct caller *caller)
{
    bench_run_note_tls(caller->load->run, BENCH_WORK_DISPATCH, caller->transport);
    if (!caller->load->run->options->resume)
        return;
    tls_client_session_free(caller->session);
    caller->session = tls_client_session_new(caller->transport);
}

static void end(struct caller *caller, bool is_ok)
{
    struct load *load = caller->load;

    caller->is_busy = false;
    if (is_ok)
        bench_run_done(load->run, BENCH_WORK_DISPATCH, caller->begin_us);
    else
        bench_run_error(load->run, BENCH_WORK_DISPATCH);
    if (bench_pace_take(&load->pace))
        begin(caller);
}

/* Of a connection for one request the close belongs to the operation. */
static size_t on_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct caller *caller = ctx;
    struct bench_run *run = caller->load->run;
    struct http_reply reply;
    enum http_parse parsed = http_reply_parse((struct str){data, len}, REPLY_MAX_BYTES, &reply);

    (void)conn;
    if (parsed == HTTP_PARSE_MORE)
        return 0;
    if (parsed == HTTP_PARSE_BAD || !is_route(&reply)) {
        bench_run_fail(run, "dispatch did not answer with a route");
        return len;
    }
    caller->is_answered = true;
    if (run->options->connect_each || run->row->tls[0] == '\0')
        keep_session(caller);
    if (!run->options->connect_each)
        end(caller, true);
    return reply.taken_bytes;
}

static void on_close(void *ctx, struct conn *conn, enum conn_end why)
{
    struct caller *caller = ctx;
    struct bench_run *run = caller->load->run;

    (void)conn;
    caller->conn = NULL;
    if (run->is_over)
        return;
    if (run->options->connect_each)
        end(caller, caller->is_answered);
    else
        bench_run_fail(run, conn_end_text(why));
}

static const struct conn_handler events = {
    .on_data = on_data,
    .on_close = on_close,
    .on_open = on_open,
};

static void dial(struct caller *caller)
{
    struct bench_dial dialled;

    caller->is_answered = false;
    caller->begin_us = loop_clock_us();
    dialled = bench_run_dial(caller->load->run, &events, caller, caller->session);
    caller->conn = dialled.conn;
    caller->transport = dialled.transport;
}

static void *open_load(struct bench_run *run, const struct bench_job *job)
{
    struct load *load = alloc_zero(sizeof *load);

    load->run = run;
    load->job = job;
    load->callers = alloc_zero(job->count * sizeof *load->callers);
    format_request(load);
    for (uint64_t i = 0; i < job->count; i++) {
        load->callers[i].load = load;
        if (!run->options->connect_each && !run->has_failed)
            dial(&load->callers[i]);
    }
    if (run->options->connect_each)
        bench_run_ready(run);
    return load;
}

static void on_turn(struct bench_pace *pace)
{
    struct load *load = CONTAINER_OF(pace, struct load, pace);
    struct caller *caller;

    do {
        caller = &load->callers[load->next];
        load->next = (load->next + 1) % load->job->count;
    } while (caller->is_busy);
    begin(caller);
}

static void go(void *ctx)
{
    struct load *load = ctx;

    bench_pace_start(&load->pace, load->run->loop, load->job->per_minute, load->job->count,
                     on_turn);
}

static void close_load(void *ctx)
{
    struct load *load = ctx;

    bench_pace_stop(&load->pace);
    for (uint64_t i = 0; i < load->job->count; i++) {
        if (load->callers[i].conn != NULL)
            conn_abort(load->callers[i].conn);
    }
}

static void free_load(void *ctx)
{
    struct load *load = ctx;

    for (uint64_t i = 0; i < load->job->count; i++)
        tls_client_session_free(load->callers[i].session);
    buf_free(&load->request);
    free(load->callers);
    free(load);
}

const struct bench_load bench_dispatch = {
    .open = open_load,
    .go = go,
    .close = close_load,
    .free = free_load,
};
