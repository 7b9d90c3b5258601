#include "ctl/bench_dispatch.h"

#include "base/alloc.h"
#include "http/http_reply.h"
#include "proto/client_message.h"

#include <stdlib.h>

enum { REPLY_MAX_BYTES = 16 * 1024 };

struct load {
    struct bench_run *run;
    struct buf request; /* the same bytes every time */
};

/* One connection at a time; with connect_each one after the other. */
struct caller {
    struct load *load;
    struct conn *conn;
    bool is_answered; /* the connection has served; it is being closed */
};

static void format_request(struct load *load)
{
    const struct bench_options *options = load->run->options;
    const struct client_identity who = {
        .at = str_of(options->token),
        .appid = str_of(options->appid),
        .nonce = STR("a1b2c3d4"),
        .ts = loop_wall_ms(load->run->loop) / 1000,
    };
    struct buf body = BUF_EMPTY;

    client_message_format_dispatch(&body, &who);
    buf_printf(&load->request,
               "POST /dispatch/app HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"
               "Content-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n",
               load->run->host, options->token,
               options->connect_each ? "Connection: close\r\n" : "", body.len);
    buf_append(&load->request, buf_str(&body));
    buf_free(&body);
}

static void dial(struct caller *caller);

static void on_open(void *ctx, struct conn *conn)
{
    struct caller *caller = ctx;

    conn_send(conn, buf_str(&caller->load->request));
}

static bool is_route(const struct http_reply *reply)
{
    struct client_route route;

    return reply->status == 200 && client_message_parse_route(reply->body, &route) == ERR_NONE &&
           route.error == 0;
}

static size_t on_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct caller *caller = ctx;
    struct bench_run *run = caller->load->run;
    struct http_reply reply;
    enum http_parse parsed = http_reply_parse((struct str){data, len}, REPLY_MAX_BYTES, &reply);

    if (parsed == HTTP_PARSE_MORE)
        return 0;
    if (parsed == HTTP_PARSE_BAD || !is_route(&reply)) {
        bench_run_fail(run, "dispatch did not answer with a route");
        return len;
    }
    if (run->options->connect_each)
        caller->is_answered = true;
    else
        conn_send(conn, buf_str(&caller->load->request));
    if (!run->options->connect_each)
        bench_run_count(run);
    return reply.taken_bytes;
}

/* The server closes after its answer, and that belongs to the operation. */
static void on_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct caller *caller = ctx;
    struct bench_run *run = caller->load->run;

    (void)conn;
    caller->conn = NULL;
    if (run->is_over)
        return;
    if (!run->options->connect_each) {
        bench_run_fail(run, conn_end_text(end));
        return;
    }
    if (caller->is_answered)
        bench_run_count(run);
    else
        bench_run_error(run);
    dial(caller);
}

static const struct conn_handler events = {
    .on_data = on_data,
    .on_close = on_close,
    .on_open = on_open,
};

static void dial(struct caller *caller)
{
    caller->is_answered = false;
    caller->conn = bench_run_dial(caller->load->run, &events, caller);
}

void bench_dispatch(struct bench_run *run)
{
    uint64_t count = run->options->connections;
    struct caller *callers = alloc_zero(count * sizeof *callers);
    struct load load = {.run = run};

    format_request(&load);
    for (uint64_t i = 0; i < count && !run->has_failed; i++) {
        callers[i].load = &load;
        dial(&callers[i]);
    }
    bench_run_schedule(run);
    loop_run(run->loop);
    run->is_over = true;
    for (uint64_t i = 0; i < count; i++) {
        if (callers[i].conn != NULL)
            conn_abort(callers[i].conn);
    }
    loop_turn(run->loop, 0);
    loop_turn(run->loop, 0);
    buf_free(&load.request);
    free(callers);
}
