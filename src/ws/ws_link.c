#include "ws/ws_link.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "base/pool.h"
#include "ws/ws_link_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How long the peer may take to answer a close frame. Firmware never does, so it is short. */
enum { CLOSE_WAIT_MS = 1000 };

/* More wait for the next turn: a link that asks a lot at a time must not make the others wait. */
enum { FRAMES_PER_TURN = 16 };

/* Frames up to this size are put together on the stack. */
enum { SMALL_FRAME = 2048 };

enum state {
    OPEN,
    CLOSING, /* our close frame is out, the peer's is awaited: only that is still read */
    CLOSED,  /* nothing more is read or sent */
};

/* A frame is one send, so that an urgent one can never come between its header and payload. */
static bool send_frame(struct ws_link *link, enum ws_opcode opcode, struct str payload,
                       bool (*send)(struct conn *, struct str))
{
    struct ws_frame frame = {
        .fin = true,
        .opcode = opcode,
        .masked = !link->is_server,
        .payload_bytes = payload.len,
    };
    char small[SMALL_FRAME];
    bool is_small = payload.len <= sizeof small - WS_HEADER_MAX;
    struct buf large = BUF_EMPTY;
    char *out = is_small ? small : buf_reserve(&large, WS_HEADER_MAX + payload.len);
    size_t len;
    bool sent;

    if (frame.masked)
        crypto_random(frame.mask, sizeof frame.mask);
    len = ws_frame_format(&frame, out);
    if (payload.len > 0)
        memcpy(out + len, payload.ptr, payload.len);
    if (frame.masked)
        ws_frame_mask(out + len, payload.len, frame.mask, 0);
    sent = send(link->conn, (struct str){out, len + payload.len});
    buf_free(&large);
    return sent;
}

/* Urgent frames pass the other ones, but not the response that makes them frames, and the bound of
 * what may be urgent is for short ones. */
static bool send_urgent(struct conn *conn, struct str frame)
{
    return frame.len > CONN_URGENT_MAX ? conn_send(conn, frame) : conn_send_urgent(conn, frame);
}

static bool send_frame_urgent(struct ws_link *link, enum ws_opcode opcode, struct str payload)
{
    if (conn_queued(link->conn) == 0)
        link->may_overtake = true;
    return send_frame(link, opcode, payload, link->may_overtake ? send_urgent : conn_send);
}

static bool can_send(const struct ws_link *link)
{
    return link->state == OPEN && !link->is_moving;
}

/* code 0: without one. */
static void send_close(struct ws_link *link, unsigned code, struct str reason)
{
    char payload[WS_CONTROL_MAX];
    size_t len = 0;

    assert(code == 0 ? reason.len == 0 : reason.len <= sizeof payload - 2);
    if (code != 0) {
        payload[0] = (char)(code >> 8);
        payload[1] = (char)(code & 0xFF);
        if (reason.len > 0)
            memcpy(payload + 2, reason.ptr, reason.len);
        len = 2 + reason.len;
    }
    (void)send_frame(link, WS_CLOSE, (struct str){payload, len}, conn_send);
}

static struct ws_link_work *work_of(struct ws_link *link)
{
    if (link->work == NULL) {
        link->work = alloc_zero(sizeof *link->work);
        link->work->link = link;
    }
    return link->work;
}

static void end_work(struct ws_link *link)
{
    if (link->work != NULL)
        timer_stop(&link->work->close_timer);
    free(link->work);
    link->work = NULL;
}

/* Both close frames are out, or there is no use in waiting for the peer's. */
static void close_conn(struct ws_link *link)
{
    link->state = CLOSED;
    end_work(link);
    conn_close(link->conn);
}

/* RFC 6455 section 7.1.7: tells the peer why and reads no more. */
static void fail(struct ws_link *link, unsigned code)
{
    if (link->state == OPEN) {
        link->code = (uint16_t)code;
        link->has_failed = true;
        send_close(link, code, STR_EMPTY);
    }
    close_conn(link);
}

static void on_close_frame(struct ws_link *link, unsigned code)
{
    if (link->state == OPEN) {
        link->code = (uint16_t)code;
        send_close(link, code == WS_CODE_NONE ? 0 : code, STR_EMPTY);
    }
    close_conn(link);
}

static void on_event(struct ws_link *link, const struct ws_event *event)
{
    if (event->kind == WS_EVENT_BAD) {
        fail(link, event->code);
        return;
    }
    if (link->handler->on_frame != NULL)
        link->handler->on_frame(link->ctx, link, event->opcode);
    if (event->kind == WS_EVENT_CLOSE)
        on_close_frame(link, event->code);
    else if (event->kind == WS_EVENT_TEXT && can_send(link))
        link->handler->on_text(link->ctx, link, event->data, event->len);
    else if (event->kind == WS_EVENT_PING && can_send(link))
        (void)send_frame_urgent(link, WS_PONG, (struct str){event->data, event->len});
}

static bool can_go_on(const struct ws_link *link)
{
    return link->state != CLOSED && !link->is_paused && !link->is_moving;
}

static size_t on_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct ws_link *link = ctx;
    struct ws_event event = {.kind = WS_EVENT_MORE};
    size_t used = 0;
    int frames = 0;

    assert(link->handler != NULL);
    if (conn_queued(conn) == 0)
        link->may_overtake = true;
    do {
        ws_message_next(&link->message, data + used, len - used, &event);
        if (event.kind == WS_EVENT_MORE)
            break;
        used += event.taken;
        on_event(link, &event);
        ws_message_release(&link->message);
    } while (used < len && ++frames < FRAMES_PER_TURN && can_go_on(link));
    if (used < len && event.kind != WS_EVENT_MORE && can_go_on(link))
        conn_yield(conn);
    return link->state == CLOSED ? len : used;
}

static void on_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct ws_link *link = ctx;

    (void)conn;
    end_work(link);
    link->state = CLOSED;
    if (link->handler != NULL)
        link->handler->on_close(link->ctx, link, link->code, end);
    ws_message_fini(&link->message);
    pool_give_back(link);
}

static const struct conn_handler conn_handler = {.on_data = on_data, .on_close = on_close};

struct ws_link *ws_link_new(struct conn *conn, enum ws_role role, size_t max_message_bytes)
{
    struct ws_link *link = pool_take(loop_pool(conn_loop(conn)), sizeof *link);

    link->conn = conn;
    link->is_server = role == WS_SERVER;
    link->state = OPEN;
    link->code = WS_CODE_ABNORMAL;
    ws_message_init(&link->message, role == WS_SERVER, max_message_bytes);
    conn_set_handler(conn, &conn_handler, link);
    return link;
}

void ws_link_set_handler(struct ws_link *link, const struct ws_handler *handler, void *ctx)
{
    link->handler = handler;
    link->ctx = ctx;
}

bool ws_link_send(struct ws_link *link, struct str text)
{
    return can_send(link) && send_frame(link, WS_TEXT, text, conn_send);
}

bool ws_link_send_urgent(struct ws_link *link, struct str text)
{
    return can_send(link) && send_frame_urgent(link, WS_TEXT, text);
}

bool ws_link_ping(struct ws_link *link, struct str payload)
{
    assert(payload.len <= WS_CONTROL_MAX);
    return can_send(link) && send_frame(link, WS_PING, payload, conn_send);
}

static void on_close_timer(struct timer *timer)
{
    close_conn(CONTAINER_OF(timer, struct ws_link_work, close_timer)->link);
}

void ws_link_close(struct ws_link *link, unsigned code, struct str reason)
{
    assert(!link->is_moving);
    if (link->state != OPEN)
        return;
    link->code = (uint16_t)(code == 0 ? WS_CODE_NONE : code);
    send_close(link, code, reason);
    link->state = CLOSING;
    loop_timer_start(conn_loop(link->conn), &work_of(link)->close_timer, CLOSE_WAIT_MS,
                     on_close_timer);
    ws_link_resume(link); /* the peer's close frame has to be read */
}

void ws_link_abort(struct ws_link *link)
{
    assert(!link->is_moving);
    link->state = CLOSED;
    end_work(link);
    conn_abort(link->conn);
}

void ws_link_pause(struct ws_link *link)
{
    if (!can_send(link))
        return;
    link->is_paused = true;
    conn_pause(link->conn);
}

void ws_link_resume(struct ws_link *link)
{
    if (!link->is_paused)
        return;
    link->is_paused = false;
    conn_resume(link->conn);
}

static void on_conn_arrived(void *ctx, struct conn *conn)
{
    struct ws_link *link = ctx;
    const struct ws_link_work work = *link->work;

    end_work(link);
    link->is_moving = false;
    conn_set_handler(conn, &conn_handler, link);
    work.on_arrived(work.arrived_ctx, link);
}

void ws_link_move(struct ws_link *link, struct loop *target, const struct conn_config *config,
                  ws_arrived_fn on_arrived, void *ctx)
{
    assert(can_send(link) && on_arrived != NULL);
    link->is_moving = true;
    work_of(link)->on_arrived = on_arrived;
    link->work->arrived_ctx = ctx;
    conn_move(link->conn, target, config, on_conn_arrived, link);
}

bool ws_link_has_failed(const struct ws_link *link)
{
    return link->has_failed;
}

struct conn *ws_link_conn(const struct ws_link *link)
{
    return link->conn;
}
