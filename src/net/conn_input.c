#include "net/conn_private.h"
#include "net/proxy_header.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>

/*
 * The loop's receive scratch, one event long:
 *
 *     0             RECEIVE_BYTES                      LOOP_SCRATCH_BYTES
 *     |  from recv  |  opened by the transport                          |
 *
 * All that was received is worked off before the next connection has its turn, so RECEIVE_BYTES is
 * also how long one that has much to say makes all others wait. An app that sent the costliest
 * queries in a row held a worker for 20 ms at 64 KiB, and for 7 ms at 16 KiB, which is no slower.
 */
enum { RECEIVE_BYTES = 16 * 1024 };

static_assert(LOOP_SCRATCH_BYTES - RECEIVE_BYTES >= TRANSPORT_READ_MIN, "no room to open into");

/* Kept memory that is mostly unused goes back. */
enum { KEPT_SLACK = 4096 };

static bool may_hand_in(const struct conn *conn)
{
    return conn->state == STATE_OPEN && !conn->is_paused && !conn->is_moving && !conn->has_had_turn;
}

/* A socket tells but once of what it has, so who leaves some of it comes back in the next turn. */
static void rest_for_this_turn(struct conn *conn)
{
    conn->has_had_turn = true;
    loop_task_queue(conn->loop, &conn->task);
}

/* What the handler left counts; what it did not look at, as it paused, moved or yielded, does not.
 */
static void check_kept(struct conn *conn)
{
    char peer[ADDRESS_TEXT_CAP];

    if (!may_hand_in(conn) || conn_work_kept(conn) <= conn->config->max_input)
        return;
    log_info(conn->config->log, "conn.input_full", "conn=%llu peer=%s kept=%zu",
             (unsigned long long)conn->id, address_format(&conn->peer, peer), conn_work_kept(conn));
    conn_start_closing(conn, CONN_INPUT_FULL);
}

static void trim_kept(struct buf *kept)
{
    struct buf trimmed = BUF_EMPTY;

    if (kept->len > 0 && kept->cap - kept->len < KEPT_SLACK + kept->len)
        return;
    buf_append(&trimmed, buf_str(kept));
    buf_free(kept);
    *kept = trimmed;
}

static void hand_in_kept(struct conn *conn)
{
    struct buf *kept = &conn->work->kept;
    size_t used = conn->handler->on_data(conn->ctx, conn, kept->ptr, kept->len);

    assert(used <= kept->len);
    buf_consume(kept, used);
    trim_kept(kept);
    check_kept(conn);
}

/* A handler that paused has an answer under way perhaps, so its peer's goodbye waits with the rest.
 */
static void take_goodbye(struct conn *conn)
{
    if (conn->has_goodbye && may_hand_in(conn))
        conn_start_closing(conn, CONN_PEER_CLOSED);
}

void conn_input_hand_in_kept(struct conn *conn)
{
    if (!may_hand_in(conn))
        return;
    conn->must_hand_in = false;
    if (conn_work_kept(conn) > 0) {
        hand_in_kept(conn);
        if (conn->has_unread)
            rest_for_this_turn(conn);
    }
    take_goodbye(conn);
}

/* Hands in what was opened, in place when nothing is kept from before. */
static void hand_in(struct conn *conn, char *data, size_t len)
{
    size_t used = 0;

    if (conn_is_closing(conn))
        return;
    if (conn_work_kept(conn) > 0 || !may_hand_in(conn)) {
        buf_append(&conn_work(conn)->kept, (struct str){data, len});
        conn_input_hand_in_kept(conn);
        return;
    }
    used = conn->handler->on_data(conn->ctx, conn, data, len);
    assert(used <= len);
    if (used < len)
        buf_append(&conn_work(conn)->kept, (struct str){data + used, len - used});
    check_kept(conn);
}

static void on_transport_failed(struct conn *conn)
{
    conn->may_seal = false;
    conn_start_closing(conn, CONN_TLS_FAILED);
}

/* What the transport has to say itself waits for the end of the turn. */
static enum transport_status open_wire(struct conn *conn, struct str wire,
                                       struct transport_read *opened)
{
    struct buf fresh = BUF_EMPTY;
    struct buf *out = conn->work == NULL ? &fresh : &conn->work->wire;
    enum transport_status status = conn->transport->ops->read(conn->transport, wire, opened, out);

    if (out->len > 0)
        loop_task_queue(conn->loop, &conn->task);
    if (fresh.len > 0)
        conn_work(conn)->wire = fresh;
    return status;
}

static void take_wire(struct conn *conn, struct str wire)
{
    struct transport_read opened = {
        .ptr = loop_receive_scratch(conn->loop) + RECEIVE_BYTES,
        .cap = LOOP_SCRATCH_BYTES - RECEIVE_BYTES,
    };
    enum transport_status status = open_wire(conn, wire, &opened);

    if (opened.established && conn->state == STATE_HANDSHAKE)
        conn_opened(conn);
    if (opened.len > 0)
        hand_in(conn, opened.ptr, opened.len);
    if (status == TRANSPORT_FAILED)
        on_transport_failed(conn);
    if (status == TRANSPORT_ENDED)
        conn->has_goodbye = true;
    take_goodbye(conn);
}

static void on_bad_proxy_header(struct conn *conn)
{
    char peer[ADDRESS_TEXT_CAP];

    metric_add(conn->config->metrics, METRIC_CLOSE_PROTOCOL, 1);
    log_warn(conn->config->log, "conn.proxy_header", "peer=%s problem=\"no PROXY header\"",
             address_format_ip(&conn->peer, peer));
    conn_end_now(conn, CONN_TLS_FAILED);
}

/* Collects the header in `kept`; what follows it goes to the transport. */
static void take_proxy_header(struct conn *conn, struct str wire)
{
    struct buf *kept = &conn_work(conn)->kept;
    struct proxy_header header;
    struct buf bytes;

    buf_append(kept, wire);
    switch (proxy_header_parse(buf_str(kept), &header)) {
    case PROXY_HEADER_MORE:
        return;
    case PROXY_HEADER_BAD:
        on_bad_proxy_header(conn);
        return;
    case PROXY_HEADER_DONE:
        break;
    }
    if (header.has_addresses) {
        conn->peer = header.source;
        conn_set_local(conn, &header.destination);
    }
    bytes = *kept;
    *kept = BUF_EMPTY;
    conn_start_transport(conn);
    if (bytes.len > header.len)
        take_wire(conn, str_sub(buf_str(&bytes), header.len, bytes.len));
    buf_free(&bytes);
}

static void on_eof(struct conn *conn)
{
    conn->has_eof = true;
    if (conn->state == STATE_LINGERING)
        conn_end_now(conn, (enum conn_end)conn->end);
    conn_start_closing(conn, CONN_PEER_CLOSED);
}

static ssize_t receive_once(struct conn *conn, char *scratch)
{
    const struct transport_ops *ops = conn->transport->ops;

    if (ops->receive != NULL)
        return ops->receive(conn->transport, conn->watch.fd, scratch, RECEIVE_BYTES);
    return recv(conn->watch.fd, scratch, RECEIVE_BYTES, 0);
}

/* Less than was asked for is all there is, save where the end or a record's kind cuts it short. */
static bool has_more(const struct conn *conn, ssize_t len)
{
    return len == RECEIVE_BYTES ||
           (len > 0 && (conn->is_ending || conn->transport->ops->receive != NULL));
}

static void on_receive_failed(struct conn *conn, int error)
{
    if (error == EAGAIN)
        return;
    if (error == EBADMSG && conn->state == STATE_OPEN)
        take_wire(conn, STR_EMPTY);
    else
        conn_end_now(conn, CONN_PEER_CLOSED);
}

static void receive(struct conn *conn)
{
    char *scratch = loop_receive_scratch(conn->loop);
    ssize_t len;

    do
        len = receive_once(conn, scratch);
    while (len < 0 && errno == EINTR);
    conn->has_unread = has_more(conn, len);
    if (len < 0) {
        on_receive_failed(conn, errno);
        return;
    }
    metric_add(conn->config->metrics, METRIC_BYTES_IN, len);
    if (len == 0)
        on_eof(conn);
    else if (conn->state == STATE_PROXY)
        take_proxy_header(conn, (struct str){scratch, (size_t)len});
    else if (!conn_is_closing(conn)) /* else drained, as unread bytes would make a reset */
        take_wire(conn, (struct str){scratch, (size_t)len});
    if (conn->has_unread)
        rest_for_this_turn(conn);
    conn_work_end(conn);
}

static void on_step(struct loop_task *task)
{
    receive(CONTAINER_OF(task, struct conn_work, step)->conn);
}

bool conn_may_receive(const struct conn *conn)
{
    return conn->state >= STATE_PROXY && conn->state < STATE_ENDED && !conn->has_eof &&
           (!conn->is_paused || conn_is_closing(conn));
}

void conn_input_receive(struct conn *conn)
{
    if (!conn->has_unread || conn->has_had_turn || !conn_may_receive(conn))
        return;
    if (conn->must_hand_in && may_hand_in(conn)) /* the kept bytes come first */
        return;
    if (conn->state > STATE_HANDSHAKE) {
        receive(conn);
        return;
    }
    conn_work(conn)->step.run = on_step;
    loop_slow_queue(conn->loop, &conn->work->step);
}
