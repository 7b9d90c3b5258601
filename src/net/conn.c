#include "net/conn.h"

#include "base/pool.h"
#include "net/address_socket.h"
#include "net/conn_private.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

const char *conn_end_text(enum conn_end end)
{
    switch (end) {
    case CONN_PEER_CLOSED:
        return "peer closed";
    case CONN_CLOSED:
        return "closed";
    case CONN_SLOW:
        return "peer does not read";
    case CONN_TLS_FAILED:
        return "handshake or record failed";
    case CONN_INPUT_FULL:
        return "message too large";
    }
    return "unknown";
}

bool conn_is_closing(const struct conn *conn)
{
    return conn->state >= STATE_FLUSHING;
}

/* At the edge, so that the kernel need not look twice at each socket that has told something. */
static unsigned events_needed(const struct conn *conn)
{
    if (conn->state == STATE_CONNECTING)
        return LOOP_WRITABLE;
    return LOOP_EDGE | LOOP_READABLE | (conn->is_stuck ? LOOP_WRITABLE : 0);
}

void conn_update_watch(struct conn *conn)
{
    if (conn->watch.loop != NULL)
        loop_watch_change(&conn->watch, events_needed(conn));
}

static void on_timer(struct timer *timer)
{
    struct conn *conn = CONTAINER_OF(timer, struct conn_work, timer)->conn;

    if (conn->state == STATE_CONNECTING) {
        conn_end_now(conn, CONN_PEER_CLOSED);
        return;
    }
    if (conn_is_closing(conn)) {
        conn->must_reset = conn->is_stuck;
        conn_end_now(conn, conn->end);
        return;
    }
    metric_add(conn->config->metrics, METRIC_CLOSE_HANDSHAKE_TIMEOUT, 1);
    conn_end_now(conn, CONN_TLS_FAILED);
}

void conn_start_timer(struct conn *conn)
{
    uint64_t ms = conn_is_closing(conn) ? conn->config->linger_ms : conn->config->handshake_ms;

    loop_timer_start(conn->loop, &conn_work(conn)->timer, ms, on_timer);
}

void conn_stop_timer(struct conn *conn)
{
    if (conn->work != NULL)
        timer_stop(&conn->work->timer);
}

void conn_start_closing(struct conn *conn, enum conn_end end)
{
    if (conn_is_closing(conn))
        return;
    if (conn->state < STATE_HANDSHAKE) {
        conn_end_now(conn, end);
        return;
    }
    conn->end = (uint8_t)end;
    conn->state = STATE_FLUSHING;
    conn_start_timer(conn);
    loop_task_queue(conn->loop, &conn->task);
}

void conn_end_now(struct conn *conn, enum conn_end end)
{
    if (conn->state >= STATE_ENDED)
        return;
    if (!conn_is_closing(conn))
        conn->end = (uint8_t)end;
    conn->state = STATE_ENDED;
    loop_watch_stop(&conn->watch);
    if (conn->work != NULL)
        loop_task_cancel(&conn->work->step);
    conn_stop_timer(conn);
    loop_task_queue(conn->loop, &conn->task);
}

void conn_opened(struct conn *conn)
{
    conn->state = STATE_OPEN;
    conn->may_seal = true;
    conn_stop_timer(conn);
    loop_task_queue(conn->loop, &conn->task);
    if (conn->handler->on_open != NULL)
        conn->handler->on_open(conn->ctx, conn);
}

void conn_start_transport(struct conn *conn)
{
    conn->state = STATE_HANDSHAKE;
    conn->transport->ops->start(conn->transport, &conn_work(conn)->wire);
    if (transport_is_plain(conn->transport))
        conn_opened(conn);
}

/* The end of the first turn: whoever made the connection has told all there is to know. */
static void begin(struct conn *conn)
{
    assert(conn->handler != NULL);
    if (conn->wants_proxy || !transport_is_plain(conn->transport))
        conn_start_timer(conn);
    if (conn->wants_proxy)
        conn->state = STATE_PROXY;
    else
        conn_start_transport(conn);
}

static void close_socket(struct conn *conn)
{
    const struct linger reset = {.l_onoff = 1};

    if (conn->must_reset)
        setsockopt(conn->watch.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(conn->watch.fd);
    conn->watch.fd = -1;
    metric_add(conn->config->metrics, METRIC_CONN_OPEN, -1);
}

/* The end: gives back all but the object itself, which this turn may still name. */
static void announce_end(struct conn *conn)
{
    close_socket(conn);
    conn->transport->ops->free(conn->transport);
    send_queue_free(&conn->queue, loop_stash(conn->loop));
    conn_quota_give_back(conn->quota);
    if (conn->work != NULL) {
        buf_clear(&conn->work->kept);
        buf_clear(&conn->work->wire);
    }
    conn->state = STATE_GONE;
    loop_task_queue(conn->loop, &conn->task);
    if (conn->handler != NULL)
        conn->handler->on_close(conn->ctx, conn, conn->end);
}

/* What is left of its input is for the next turn. */
static void come_back(struct conn *conn)
{
    conn->has_had_turn = false;
    if (conn->state == STATE_ENDED)
        return;
    loop_task_cancel(&conn->task);
    loop_task_queue_next(conn->loop, &conn->task);
}

static void on_turn_end(struct loop_task *task)
{
    struct conn *conn = CONTAINER_OF(task, struct conn, task);

    if (conn->state == STATE_GONE) {
        pool_give_back(conn->local);
        pool_give_back(conn);
        return;
    }
    if (!conn->is_moving && conn->state == STATE_NEW)
        begin(conn);
    if (!conn->is_moving && conn->must_hand_in)
        conn_input_hand_in_kept(conn);
    if (conn->is_moving) {
        conn_move_depart(conn);
        return;
    }
    conn_input_receive(conn);
    conn_output_flush(conn);
    if (conn->has_had_turn)
        come_back(conn);
    if (conn->state == STATE_ENDED)
        announce_end(conn);
    conn_work_end(conn);
}

static void on_connected(struct conn *conn)
{
    int error = 0;
    socklen_t len = sizeof error;

    if (getsockopt(conn->watch.fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
        conn_end_now(conn, CONN_PEER_CLOSED);
        return;
    }
    conn_stop_timer(conn);
    conn->state = STATE_NEW;
    conn_update_watch(conn);
    loop_task_queue(conn->loop, &conn->task);
}

static void on_ready(struct loop_watch *watch, unsigned events)
{
    struct conn *conn = CONTAINER_OF(watch, struct conn, watch);

    if (conn->state == STATE_CONNECTING) {
        on_connected(conn);
        return;
    }
    if (events & LOOP_WRITABLE) {
        conn->is_stuck = false;
        loop_task_queue(conn->loop, &conn->task);
    }
    conn->has_unread |= (events & LOOP_READABLE) != 0;
    conn->is_ending |= (events & LOOP_ENDING) != 0;
    if (events & LOOP_HANGUP && !conn_may_receive(conn))
        conn_end_now(conn, CONN_PEER_CLOSED);
    else
        conn_input_receive(conn);
}

static struct conn *new_conn(struct loop *loop, int fd, struct transport *transport,
                             const struct conn_config *config)
{
    struct conn *conn = pool_take(loop_pool(loop), sizeof *conn);
    const int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    conn->loop = loop;
    conn->watch.fd = fd;
    conn->transport = transport;
    transport_settle(transport, loop_transports(loop));
    conn->config = config;
    conn->id = loop_next_id(loop);
    conn->watch.on_ready = on_ready;
    conn->task.run = on_turn_end;
    metric_add(config->metrics, METRIC_CONN_OPEN, 1);
    return conn;
}

void conn_start_watch(struct conn *conn)
{
    if (loop_watch_start(conn->loop, &conn->watch, conn->watch.fd, events_needed(conn)))
        conn_end_now(conn, CONN_PEER_CLOSED);
}

struct conn *conn_new(struct loop *loop, int fd, struct transport *transport,
                      const struct conn_config *config)
{
    struct conn *conn = new_conn(loop, fd, transport, config);

    conn->state = STATE_NEW;
    conn->peer = address_socket_peer(fd);
    conn_start_watch(conn);
    loop_task_queue(loop, &conn->task);
    return conn;
}

enum err conn_connect(struct loop *loop, const struct address *to, struct transport *transport,
                      const struct conn_config *config, struct conn **out)
{
    struct sockaddr_storage storage;
    socklen_t len = address_socket_from(to, &storage);
    int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct conn *conn;
    bool is_trying;

    if (fd < 0) {
        transport->ops->free(transport);
        return ERR_IO;
    }
    is_trying = connect(fd, (const struct sockaddr *)&storage, len) == 0 || errno == EINPROGRESS;
    conn = new_conn(loop, fd, transport, config);
    conn->state = STATE_CONNECTING;
    conn->peer = *to;
    conn_start_timer(conn);
    if (is_trying)
        conn_start_watch(conn);
    else
        conn_end_now(conn, CONN_PEER_CLOSED);
    *out = conn;
    return ERR_NONE;
}

void conn_expect_proxy(struct conn *conn)
{
    assert(conn->state == STATE_NEW);
    conn->wants_proxy = true;
}

void conn_set_handler(struct conn *conn, const struct conn_handler *handler, void *ctx)
{
    assert(conn->state != STATE_GONE);
    conn->handler = handler;
    conn->ctx = ctx;
    if (conn->state != STATE_OPEN)
        return;
    conn->must_hand_in = true;
    loop_task_queue(conn->loop, &conn->task);
}

void conn_set_quota(struct conn *conn, struct conn_quota *quota)
{
    conn->quota = quota;
}

static bool make_room(struct conn *conn, size_t len)
{
    size_t max = conn->config->max_queued;
    size_t queued = send_queue_len(&conn->queue);

    if (queued <= max && len <= max - queued)
        return true;
    /* A long answer to a peer that does read need not wait for the end of the turn. */
    if (conn->may_seal && !conn->is_stuck)
        conn_output_flush(conn);
    queued = send_queue_len(&conn->queue);
    return !conn_is_closing(conn) && queued <= max && len <= max - queued;
}

static void end_slow(struct conn *conn)
{
    char peer[ADDRESS_TEXT_CAP];

    metric_add(conn->config->metrics, METRIC_CLOSE_SLOW_READER, 1);
    metric_add(conn->config->metrics, METRIC_QUEUE_DROP_OUTPUT, 1);
    log_info(conn->config->log, "conn.slow", "conn=%llu peer=%s queued=%zu",
             (unsigned long long)conn->id, address_format(&conn->peer, peer), conn_queued(conn));
    conn->must_reset = true;
    conn_end_now(conn, CONN_SLOW);
}

/* With so many bytes of them counted against the bound. */
static bool send_counted(struct conn *conn, struct str bytes, size_t counted)
{
    assert(!conn->is_moving);
    if (conn_is_closing(conn))
        return false;
    if (!make_room(conn, counted)) {
        if (!conn_is_closing(conn))
            end_slow(conn);
        return false;
    }
    if (conn->keeps_apart)
        send_queue_push_apart(&conn->queue, loop_stash(conn->loop), bytes);
    else
        send_queue_push(&conn->queue, loop_stash(conn->loop), bytes);
    loop_task_queue(conn->loop, &conn->task);
    return true;
}

bool conn_send(struct conn *conn, struct str bytes)
{
    return send_counted(conn, bytes, bytes.len);
}

bool conn_send_whole(struct conn *conn, struct str bytes)
{
    return send_counted(conn, bytes, 0);
}

bool conn_send_urgent(struct conn *conn, struct str bytes)
{
    assert(!conn->is_moving);
    if (conn_is_closing(conn))
        return false;
    send_queue_push_urgent(&conn->queue, loop_stash(conn->loop), bytes, CONN_URGENT_MAX);
    loop_task_queue(conn->loop, &conn->task);
    return true;
}

void conn_keep_apart(struct conn *conn)
{
    conn->keeps_apart = true;
}

void conn_close(struct conn *conn)
{
    conn_start_closing(conn, CONN_CLOSED);
}

void conn_abort(struct conn *conn)
{
    conn->must_reset = true;
    conn_end_now(conn, CONN_CLOSED);
}

void conn_pause(struct conn *conn)
{
    conn->is_paused = true;
}

void conn_resume(struct conn *conn)
{
    if (!conn->is_paused || conn->state >= STATE_ENDED)
        return;
    conn->is_paused = false;
    conn->must_hand_in = true;
    loop_task_queue(conn->loop, &conn->task);
}

void conn_yield(struct conn *conn)
{
    conn->must_hand_in = true;
    conn->has_had_turn = true;
    loop_task_queue(conn->loop, &conn->task);
}

uint64_t conn_id(const struct conn *conn)
{
    return conn->id;
}

struct loop *conn_loop(const struct conn *conn)
{
    return conn->loop;
}

size_t conn_queued(const struct conn *conn)
{
    return send_queue_len(&conn->queue);
}

const struct address *conn_peer(const struct conn *conn)
{
    return &conn->peer;
}

void conn_set_local(struct conn *conn, const struct address *local)
{
    if (conn->local == NULL)
        conn->local = pool_take(loop_pool(conn->loop), sizeof *conn->local);
    *conn->local = *local;
}

const struct address *conn_local(struct conn *conn)
{
    struct address local;

    if (conn->local == NULL) {
        local = address_socket_local(conn->watch.fd);
        conn_set_local(conn, &local);
    }
    return conn->local;
}
