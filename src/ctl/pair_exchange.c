#include "ctl/pair_exchange.h"

#include "base/json.h"
#include "net/conn.h"
#include "net/transport.h"

#include <string.h>

enum { ANSWER_MAX_BYTES = 8 * 1024, MAX_MEMBERS = 32 };

struct exchange {
    struct loop *loop;
    struct str request;
    struct buf *out;
    struct timer timer;
    enum err err;
    bool is_closed;
    bool is_late;
};

/* The body, once it is whole; empty before. */
static struct str find_body(struct str bytes)
{
    struct json_member members[MAX_MEMBERS];
    const char *end = memmem(bytes.ptr, bytes.len, "\r\n\r\n", 4);
    size_t count;
    struct str body;

    if (end == NULL)
        return STR_EMPTY;
    body = str_trim(str_sub(bytes, (size_t)(end - bytes.ptr) + 4, bytes.len));
    return json_scan_object(body, members, MAX_MEMBERS, &count) ? STR_EMPTY : body;
}

static size_t on_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct exchange *exchange = ctx;
    struct str bytes = {data, len};
    struct str body = find_body(bytes);

    exchange->err = ERR_INVALID; /* unless the rest makes it whole */
    if (body.len == 0 || !str_starts(bytes, STR("HTTP/1.")))
        return 0;
    buf_append(exchange->out, body);
    exchange->err = ERR_NONE;
    conn_close(conn);
    return len;
}

static void on_open(void *ctx, struct conn *conn)
{
    struct exchange *exchange = ctx;

    exchange->err = ERR_CLOSED;
    conn_send(conn, exchange->request);
}

static void on_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct exchange *exchange = ctx;

    (void)conn;
    (void)end;
    exchange->is_closed = true;
}

static void on_late(struct timer *timer)
{
    CONTAINER_OF(timer, struct exchange, timer)->is_late = true;
}

static const struct conn_handler handler = {
    .on_data = on_data,
    .on_close = on_close,
    .on_open = on_open,
};

static const struct conn_config config = {
    .max_input = ANSWER_MAX_BYTES,
    .max_queued = ANSWER_MAX_BYTES,
    .handshake_ms = 60000,
    .linger_ms = 200,
};

enum err pair_exchange_run(const struct address *device, struct str request, uint64_t patience_ms,
                           struct buf *out)
{
    struct exchange exchange = {
        .loop = loop_new(), .request = request, .out = out, .err = ERR_UNAVAILABLE};
    struct conn *conn;

    loop_timer_start(exchange.loop, &exchange.timer, patience_ms, on_late);
    if (conn_connect(exchange.loop, device, transport_plain_new(), &config, &conn) == ERR_NONE) {
        conn_set_handler(conn, &handler, &exchange);
        while (!exchange.is_closed && !exchange.is_late)
            loop_turn(exchange.loop, -1);
        if (!exchange.is_closed)
            conn_abort(conn);
    }
    timer_stop(&exchange.timer);
    loop_turn(exchange.loop, 0);
    loop_free(exchange.loop);
    return exchange.err;
}
