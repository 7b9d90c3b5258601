#include "ctl/bench_link.h"

#include "base/alloc.h"
#include "ws/ws_handshake.h"
#include "ws/ws_link.h"

#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE_MAX_BYTES = 64 * 1024, WHY_CAP = 96 };

struct bench_link {
    struct bench_run *run;
    const struct bench_link_events *events;
    void *ctx;
    struct conn *conn; /* until it is upgraded */
    struct ws_link *ws;
    struct buf hello; /* until it is sent */
    char key[WS_KEY_CAP];
    bool is_ready;
    bool is_abandoned;
};

static void lose(struct bench_link *link, const char *why)
{
    link->conn = NULL;
    link->ws = NULL;
    if (!link->is_abandoned)
        link->events->on_lost(link->ctx, link, why);
}

static void on_text(void *ctx, struct ws_link *ws, char *text, size_t len)
{
    struct bench_link *link = ctx;

    (void)ws;
    if (link->is_abandoned)
        return;
    if (link->is_ready) {
        link->events->on_text(link->ctx, link, (struct str){text, len});
        return;
    }
    link->is_ready = true;
    link->events->on_ready(link->ctx, link, (struct str){text, len});
}

static void on_ws_close(void *ctx, struct ws_link *ws, unsigned code, enum conn_end end)
{
    char why[WHY_CAP];

    (void)ws;
    snprintf(why, sizeof why, "a link was lost: close code %u, %s", code, conn_end_text(end));
    lose(ctx, why);
}

static const struct ws_handler ws_events = {.on_text = on_text, .on_close = on_ws_close};

static void upgrade(struct bench_link *link)
{
    link->ws = ws_link_new(link->conn, WS_CLIENT, MESSAGE_MAX_BYTES);
    link->conn = NULL;
    ws_link_set_handler(link->ws, &ws_events, link);
    ws_link_send(link->ws, buf_str(&link->hello));
    buf_free(&link->hello);
}

static size_t on_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct bench_link *link = ctx;
    size_t head_bytes = 0;

    switch (ws_handshake_check((struct str){data, len}, link->key, &head_bytes)) {
    case WS_REPLY_MORE:
        return 0;
    case WS_REPLY_REFUSED:
        conn_close(conn);
        return len;
    case WS_REPLY_ACCEPTED:
        upgrade(link);
        return head_bytes;
    }
    return len;
}

static void on_open(void *ctx, struct conn *conn)
{
    struct bench_link *link = ctx;
    struct buf request = BUF_EMPTY;

    ws_handshake_request(&request, str_of(link->run->host), STR("/api/ws"), link->key);
    conn_send(conn, buf_str(&request));
    buf_free(&request);
}

static void on_close(void *ctx, struct conn *conn, enum conn_end end)
{
    char why[WHY_CAP];

    (void)conn;
    snprintf(why, sizeof why, "a connection was not upgraded: %s", conn_end_text(end));
    lose(ctx, why);
}

static const struct conn_handler conn_events = {
    .on_data = on_data,
    .on_close = on_close,
    .on_open = on_open,
};

struct bench_link *bench_link_new(struct bench_run *run, struct str hello,
                                  const struct bench_link_events *events, void *ctx)
{
    struct bench_link *link = alloc_zero(sizeof *link);

    link->run = run;
    link->events = events;
    link->ctx = ctx;
    buf_append(&link->hello, hello);
    link->conn = bench_run_dial(run, &conn_events, link);
    return link;
}

void bench_link_free(struct bench_link *link)
{
    if (link == NULL)
        return;
    buf_free(&link->hello);
    free(link);
}

void bench_link_send(struct bench_link *link, struct str text)
{
    if (link->ws != NULL)
        ws_link_send(link->ws, text);
}

void bench_link_abort(struct bench_link *link)
{
    link->is_abandoned = true;
    if (link->ws != NULL)
        ws_link_abort(link->ws);
    else if (link->conn != NULL)
        conn_abort(link->conn);
}
