#include "net/conn_private.h"

#include <assert.h>
#include <errno.h>
#include <sys/socket.h>

/* Room for a block and for what a transport adds to it, in the send scratch. */
static_assert(2 * SEND_QUEUE_BLOCK < LOOP_SCRATCH_BYTES / 2 + 1, "a sealed block must fit");

static ssize_t send_once(struct conn *conn, struct str bytes)
{
    const struct transport_ops *ops = conn->transport->ops;

    if (ops->send != NULL)
        return ops->send(conn->transport, conn->watch.fd, bytes);
    return send(conn->watch.fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
}

/* Sends what the socket takes; the first refusal makes the connection stuck, an error ends it. */
static size_t send_bytes(struct conn *conn, struct str bytes)
{
    ssize_t sent;

    do
        sent = send_once(conn, bytes);
    while (sent < 0 && errno == EINTR);
    if (sent < 0 && errno != EAGAIN) {
        conn_end_now(conn, CONN_PEER_CLOSED);
        return 0;
    }
    if (sent < 0)
        sent = 0;
    metric_add(conn->config->metrics, METRIC_BYTES_OUT, sent);
    conn->is_stuck = (size_t)sent < bytes.len;
    return (size_t)sent;
}

/* Not so plain TCP, nor the kernel's TLS, for which the end of a call is the end of a record. */
static bool makes_records(const struct transport *transport)
{
    return !transport_is_plain(transport) && transport->ops->send == NULL;
}

/* Seals about a block's worth behind what `out` holds. */
static void seal(struct conn *conn, struct buf *out)
{
    struct str plain;

    while (conn->may_seal && out->len < SEND_QUEUE_BLOCK && send_queue_next(&conn->queue, &plain)) {
        if (conn->transport->ops->write(conn->transport, plain, out) != TRANSPORT_OK) {
            conn_end_now(conn, CONN_TLS_FAILED);
            return;
        }
        send_queue_drop(&conn->queue, loop_stash(conn->loop));
        if (conn->keeps_apart && !makes_records(conn->transport))
            return;
    }
}

/* Sealed bytes that wait already, and new ones behind them. */
static bool send_wire(struct conn *conn)
{
    struct buf *wire = &conn_work(conn)->wire;
    size_t sent;

    seal(conn, wire);
    sent = send_bytes(conn, buf_str(wire));
    buf_consume(wire, sent);
    if (wire->len == 0)
        buf_free(wire);
    return sent > 0;
}

/* Nothing waits: seals into the loop's scratch, so that only what stays needs memory. */
static bool send_fresh(struct conn *conn)
{
    char *scratch = loop_send_scratch(conn->loop);
    struct buf out = {.ptr = scratch, .cap = LOOP_SCRATCH_BYTES};
    size_t sent;

    seal(conn, &out);
    assert(out.ptr == scratch);
    if (out.len == 0)
        return false;
    sent = send_bytes(conn, buf_str(&out));
    if (sent < out.len)
        buf_append(&conn_work(conn)->wire, str_sub(buf_str(&out), sent, out.len));
    return sent > 0;
}

static void send_all(struct conn *conn)
{
    bool has_sent = true;

    while (has_sent && !conn->is_stuck && conn->state < STATE_ENDED)
        has_sent = conn_work_wire(conn) > 0 ? send_wire(conn) : send_fresh(conn);
}

/* All that was queued has left: the transport says goodbye, then TCP does. */
static void go_on_closing(struct conn *conn)
{
    if (conn->may_seal) {
        conn->may_seal = false;
        conn->transport->ops->close(conn->transport, &conn_work(conn)->wire);
        send_all(conn);
    }
    if (conn->is_stuck || conn->state != STATE_FLUSHING)
        return;
    conn->state = STATE_LINGERING;
    if (shutdown(conn->watch.fd, SHUT_WR) != 0 || conn->has_eof)
        conn_end_now(conn, conn->end);
}

/* No sealed byte waits, so the records that follow may be the kernel's. */
static void offload(struct conn *conn)
{
    if (conn->transport->ops->offload == NULL || conn->state != STATE_OPEN ||
        conn_work_wire(conn) > 0)
        return;
    if (conn->transport->ops->offload(&conn->transport, conn->watch.fd) != TRANSPORT_OK)
        conn_end_now(conn, CONN_TLS_FAILED);
}

void conn_output_flush(struct conn *conn)
{
    if (conn->state < STATE_HANDSHAKE || conn->state >= STATE_LINGERING)
        return;
    if (!conn->is_stuck)
        send_all(conn);
    if (!conn->is_stuck && conn->state == STATE_FLUSHING)
        go_on_closing(conn);
    offload(conn);
    conn_update_watch(conn);
}
