#include "net/conn_private.h"

#include <assert.h>

static bool needs_timer(const struct conn *conn)
{
    return conn->state == STATE_CONNECTING || conn->state == STATE_PROXY ||
           conn->state == STATE_HANDSHAKE || conn->state == STATE_FLUSHING ||
           conn->state == STATE_LINGERING;
}

static void on_arrival(struct mail *mail)
{
    struct conn_work *work = CONTAINER_OF(mail, struct conn_work, journey.mail);
    const struct conn_journey journey = work->journey;
    struct conn *conn = work->conn;

    conn->loop = journey.target;
    conn->config = journey.config;
    transport_settle(conn->transport, loop_transports(conn->loop));
    conn->is_moving = false;
    conn->must_hand_in = true;
    conn->is_stuck = false; /* tried again at the end of the turn */
    metric_add(conn->config->metrics, METRIC_CONN_OPEN, 1);
    loop_task_queue(conn->loop, &conn->task);
    if (conn->state < STATE_ENDED) {
        if (needs_timer(conn))
            conn_start_timer(conn);
        conn_start_watch(conn);
    }
    journey.on_arrived(journey.ctx, conn);
}

void conn_move(struct conn *conn, struct loop *target, const struct conn_config *config,
               conn_arrived_fn on_arrived, void *ctx)
{
    assert(!conn->is_moving && conn->state != STATE_GONE);
    conn->is_moving = true;
    conn_work(conn)->journey = (struct conn_journey){
        .mail = {.on_mail = on_arrival},
        .target = target,
        .config = config,
        .on_arrived = on_arrived,
        .ctx = ctx,
    };
    loop_watch_stop(&conn->watch);
    conn_stop_timer(conn);
    /* At the end of the turn: this may be the handler's on_data, whose rest is yet to be kept. */
    loop_task_queue(conn->loop, &conn->task);
}

void conn_move_depart(struct conn *conn)
{
    struct conn_journey *journey = &conn->work->journey;

    metric_add(conn->config->metrics, METRIC_CONN_OPEN, -1);
    loop_task_cancel(&conn->task);
    loop_task_cancel(&conn->work->step);
    conn->has_unread = conn->has_had_turn = false; /* the target's loop is told anew */
    conn_stop_timer(conn); /* what came in with the last bytes may have begun to close it */
    transport_settle(conn->transport, NULL);
    conn->handler = NULL;
    conn->ctx = NULL;
    mailbox_post(loop_mailbox(journey->target), &journey->mail);
}
