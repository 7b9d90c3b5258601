#include "base/alloc.h"
#include "net/conn_private.h"

#include <assert.h>
#include <stdlib.h>

void conn_move(struct conn *conn, struct loop *target, const struct conn_config *config,
               conn_arrived_fn on_arrived, void *ctx)
{
    struct conn_journey *journey = alloc_zero(sizeof *journey);

    assert(conn->journey == NULL && conn->state != STATE_GONE);
    journey->conn = conn;
    journey->target = target;
    journey->config = config;
    journey->on_arrived = on_arrived;
    journey->ctx = ctx;
    conn->journey = journey;
    loop_watch_stop(&conn->watch);
    timer_stop(&conn->timer);
    /* At the end of the turn: this may be the handler's on_data, whose rest is yet to be kept. */
    loop_task_queue(conn->loop, &conn->task);
}

static bool needs_timer(const struct conn *conn)
{
    return conn->state == STATE_CONNECTING || conn->state == STATE_PROXY ||
           conn->state == STATE_HANDSHAKE || conn->state == STATE_FLUSHING ||
           conn->state == STATE_LINGERING;
}

static void on_arrival(struct mail *mail)
{
    struct conn_journey *journey = CONTAINER_OF(mail, struct conn_journey, mail);
    struct conn *conn = journey->conn;

    conn->loop = journey->target;
    conn->config = journey->config;
    transport_settle(conn->transport, loop_crypt(conn->loop));
    conn->journey = NULL;
    conn->must_hand_in = true;
    conn->is_stuck = false; /* tried again at the end of the turn */
    metric_add(conn->config->metrics, METRIC_CONN_OPEN, 1);
    loop_task_queue(conn->loop, &conn->task);
    if (conn->state < STATE_ENDED) {
        if (needs_timer(conn))
            conn_start_timer(conn);
        conn_start_watch(conn);
    }
    journey->on_arrived(journey->ctx, conn);
    free(journey);
}

void conn_move_depart(struct conn *conn)
{
    struct conn_journey *journey = conn->journey;

    metric_add(conn->config->metrics, METRIC_CONN_OPEN, -1);
    loop_task_cancel(&conn->task);
    timer_stop(&conn->timer); /* what came in with the last bytes may have begun to close it */
    transport_settle(conn->transport, NULL);
    conn->handler = NULL;
    conn->ctx = NULL;
    journey->mail.on_mail = on_arrival;
    mailbox_post(loop_mailbox(journey->target), &journey->mail);
}
