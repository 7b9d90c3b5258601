#include "bench/bench_link.h"

#include "base/alloc.h"
#include "bench/bench_mqtt.h"
#include "ws/ws_frame.h"
#include "ws/ws_handshake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHY_CAP = 96, TOPIC_CAP = BENCH_MQTT_NAME_MAX };

enum link_state {
    LINK_CONNECTING,
    LINK_HELLO, /* upgraded; the answer to the hello is awaited */
    LINK_READY,
    LINK_CLOSING,
    LINK_ABANDONED, /* nobody is told anything any more */
};

/* What is needed only until the link is ready. */
struct opening {
    char key[WS_KEY_CAP];
    struct buf hello;
};

struct bench_link {
    struct bench_run *run;
    const struct bench_link_events *events;
    void *ctx;
    struct conn *conn;
    struct transport *transport;
    struct opening *opening; /* owned; NULL once it is ready */
    struct buf part;         /* of a broker's packet that came in part */
    uint8_t state;
    uint8_t role;
    uint8_t work;
    uint8_t pings; /* texts that are on their way: their answers are pongs */
    char id[BENCH_ID_CAP];
};

static bool is_mqtt(const struct bench_link *link)
{
    return link->run->options->speaks == BENCH_MQTT;
}

static struct str subprotocol(const struct bench_link *link)
{
    return is_mqtt(link) ? STR("mqtt") : STR_EMPTY;
}

static void free_opening(struct bench_link *link)
{
    if (link->opening == NULL)
        return;
    buf_free(&link->opening->hello);
    free(link->opening);
    link->opening = NULL;
}

/* ---- sending ---- */

/*
 * Every frame has a mask of its own, but not a secret one as RFC 6455 section 5.3 asks of browsers:
 * that needs a system call for each, and nobody between us and the server is to be protected.
 */
static void draw_mask(struct bench_run *run, uint8_t out[4])
{
    run->mask = run->mask * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    memcpy(out, (const char *)&run->mask + 4, 4);
}

/* What run->frame holds behind WS_HEADER_MAX bytes becomes one frame's payload, and is sent. */
static void send_frame(struct bench_link *link, enum ws_opcode opcode)
{
    struct buf *out = &link->run->frame;
    struct ws_frame frame = {
        .fin = true,
        .masked = true,
        .opcode = opcode,
        .payload_bytes = out->len - WS_HEADER_MAX,
    };
    char header[WS_HEADER_MAX];
    size_t header_bytes;

    draw_mask(link->run, frame.mask);
    header_bytes = ws_frame_format(&frame, header);
    memcpy(out->ptr + WS_HEADER_MAX - header_bytes, header, header_bytes);
    ws_frame_mask(out->ptr + WS_HEADER_MAX, (size_t)frame.payload_bytes, frame.mask, 0);
    conn_send(link->conn, str_sub(buf_str(out), WS_HEADER_MAX - header_bytes, out->len));
}

static struct buf *begin_frame(struct bench_link *link)
{
    struct buf *out = &link->run->frame;

    buf_clear(out);
    buf_reserve(out, WS_HEADER_MAX);
    out->len = WS_HEADER_MAX;
    return out;
}

static void send_text(struct bench_link *link, struct str text)
{
    buf_append(begin_frame(link), text);
    send_frame(link, WS_TEXT);
}

/* A pair's app publishes where its device listens, and the other way round. */
static void format_topic(const struct bench_link *link, enum bench_role listener,
                         char out[TOPIC_CAP])
{
    snprintf(out, TOPIC_CAP, "bench/%s/%s", link->id,
             listener == BENCH_DEVICE ? "command" : "answer");
}

void bench_link_send(struct bench_link *link, struct str text)
{
    char topic[TOPIC_CAP];
    struct buf *out;

    if (link->state != LINK_READY)
        return;
    if (!is_mqtt(link)) {
        send_text(link, text);
        return;
    }
    format_topic(link, link->role == BENCH_APP ? BENCH_DEVICE : BENCH_APP, topic);
    out = begin_frame(link);
    bench_mqtt_publish(out, str_of(topic), text.len);
    buf_append(out, text);
    send_frame(link, WS_BINARY);
}

void bench_link_ping(struct bench_link *link, bool is_frame)
{
    if (link->state != LINK_READY)
        return;
    if (is_mqtt(link)) {
        bench_mqtt_ping(begin_frame(link));
        send_frame(link, WS_BINARY);
    } else if (is_frame) {
        begin_frame(link);
        send_frame(link, WS_PING);
    } else {
        link->pings++;
        send_text(link, STR("ping"));
    }
}

void bench_link_send_raw(struct bench_link *link, struct str bytes)
{
    conn_send(link->conn, bytes);
}

static void say_hello(struct bench_link *link)
{
    char name[TOPIC_CAP];

    link->state = LINK_HELLO;
    if (!is_mqtt(link)) {
        send_text(link, buf_str(&link->opening->hello));
        return;
    }
    snprintf(name, sizeof name, "%s-%s", link->role == BENCH_APP ? "app" : "device", link->id);
    bench_mqtt_connect(begin_frame(link), str_of(name));
    send_frame(link, WS_BINARY);
}

/* ---- receiving ---- */

/* The last message of the opening has come. */
static void become_ready(struct bench_link *link, struct str answer)
{
    free_opening(link);
    link->state = LINK_READY;
    bench_run_note_tls(link->run, link->work, link->transport);
    link->events->on_ready(link->ctx, link, answer);
}

static void on_pong(struct bench_link *link)
{
    if (link->events->on_pong != NULL)
        link->events->on_pong(link->ctx, link);
}

static void on_text(struct bench_link *link, struct str text)
{
    if (link->state == LINK_HELLO) {
        become_ready(link, text);
    } else if (link->pings > 0 && text.len == 4) {
        link->pings--;
        on_pong(link);
    } else {
        link->events->on_text(link->ctx, link, text);
    }
}

/* False when the broker says no, or what it should not. */
static bool on_packet(struct bench_link *link, const struct bench_mqtt_packet *packet)
{
    char topic[TOPIC_CAP];

    if (packet->refusal != 0)
        return false;
    switch (packet->type) {
    case BENCH_MQTT_CONNACK:
        format_topic(link, (enum bench_role)link->role, topic);
        bench_mqtt_subscribe(begin_frame(link), str_of(topic));
        send_frame(link, WS_BINARY);
        return link->state == LINK_HELLO;
    case BENCH_MQTT_SUBACK:
        if (link->state != LINK_HELLO)
            return false;
        become_ready(link, STR_EMPTY);
        return true;
    case BENCH_MQTT_PUBLISH:
        if (link->state == LINK_READY)
            link->events->on_text(link->ctx, link, packet->payload);
        return true;
    case BENCH_MQTT_PINGRESP:
        on_pong(link);
        return true;
    }
    return false;
}

/* How many bytes were taken; the rest is a part of a packet. -1: they are none of a broker. */
static ssize_t take_packets(struct bench_link *link, struct str bytes)
{
    struct bench_mqtt_packet packet;
    size_t taken = 0;

    while (link->state < LINK_CLOSING) {
        switch (bench_mqtt_read(str_sub(bytes, taken, bytes.len), &packet)) {
        case BENCH_MQTT_BAD:
            return -1;
        case BENCH_MQTT_MORE:
            return (ssize_t)taken;
        case BENCH_MQTT_DONE:
            if (!on_packet(link, &packet))
                return -1;
            taken += packet.taken;
        }
    }
    return (ssize_t)bytes.len;
}

/* Packets and frames have nothing to do with each other (MQTT 3.1.1 section 6). */
static bool on_binary(struct bench_link *link, struct str bytes)
{
    ssize_t taken;

    if (!is_mqtt(link))
        return false;
    if (link->part.len == 0) {
        taken = take_packets(link, bytes);
        if (taken >= 0)
            buf_append(&link->part, str_sub(bytes, (size_t)taken, bytes.len));
        return taken >= 0;
    }
    buf_append(&link->part, bytes);
    taken = take_packets(link, buf_str(&link->part));
    if (taken >= 0)
        buf_consume(&link->part, (size_t)taken);
    if (link->part.len == 0)
        buf_free(&link->part);
    return taken >= 0;
}

/* False: the server speaks another language. Texts in fragments are none that a server here sends.
 */
static bool on_frame(struct bench_link *link, const struct ws_frame *frame, struct str payload)
{
    switch ((int)frame->opcode) {
    case WS_TEXT:
        if (!frame->fin)
            return false;
        on_text(link, payload);
        return true;
    case WS_BINARY:
    case WS_CONTINUATION:
        return on_binary(link, payload);
    case WS_PING:
        buf_append(begin_frame(link), payload);
        send_frame(link, WS_PONG);
        return true;
    case WS_PONG:
        on_pong(link);
        return true;
    case WS_CLOSE:
        conn_close(link->conn);
        return true;
    default:
        return false;
    }
}

static size_t take_frames(struct bench_link *link, char *data, size_t len)
{
    size_t taken = 0;

    while (taken < len && link->state < LINK_CLOSING) {
        struct str rest = {data + taken, len - taken};
        struct ws_frame frame;
        enum ws_parse parsed = ws_frame_parse(rest, &frame);

        if (parsed == WS_PARSE_MORE ||
            (parsed == WS_PARSE_DONE && rest.len - frame.header_bytes < frame.payload_bytes))
            return taken;
        if (parsed == WS_PARSE_BAD ||
            !on_frame(link, &frame,
                      str_sub(rest, frame.header_bytes, (size_t)frame.payload_bytes))) {
            conn_close(link->conn);
            return len;
        }
        taken += frame.header_bytes + (size_t)frame.payload_bytes;
    }
    return len;
}

static size_t take_upgrade(struct bench_link *link, char *data, size_t len)
{
    size_t head_bytes = 0;

    switch (ws_handshake_check((struct str){data, len}, link->opening->key, subprotocol(link),
                               &head_bytes)) {
    case WS_REPLY_MORE:
        return 0;
    case WS_REPLY_REFUSED:
        conn_close(link->conn);
        return len;
    case WS_REPLY_ACCEPTED:
        say_hello(link);
        return head_bytes;
    }
    return len;
}

static size_t on_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct bench_link *link = ctx;
    size_t taken = 0;

    (void)conn;
    if (link->state == LINK_CONNECTING)
        taken = take_upgrade(link, data, len);
    if (link->state == LINK_CONNECTING)
        return taken;
    return taken + take_frames(link, data + taken, len - taken);
}

static void on_open(void *ctx, struct conn *conn)
{
    struct bench_link *link = ctx;
    struct buf *request = &link->run->frame;

    buf_clear(request);
    ws_handshake_request(request, str_of(link->run->host), STR("/api/ws"), subprotocol(link),
                         link->opening->key);
    conn_send(conn, buf_str(request));
}

static void on_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct bench_link *link = ctx;
    bool is_upgraded = link->state != LINK_CONNECTING;
    char why[WHY_CAP];

    (void)conn;
    snprintf(why, sizeof why, "%s: %s",
             is_upgraded ? "a link was lost" : "a connection was not upgraded", conn_end_text(end));
    if (link->state != LINK_ABANDONED)
        link->events->on_lost(link->ctx, link, link->state == LINK_CLOSING ? NULL : why);
    free_opening(link);
    buf_free(&link->part);
    free(link);
}

static const struct conn_handler conn_events = {
    .on_data = on_data,
    .on_close = on_close,
    .on_open = on_open,
};

/* ---- life ---- */

struct bench_link *bench_link_new(struct bench_run *run, const struct bench_link_config *config)
{
    struct bench_link *link = alloc_zero(sizeof *link);
    struct bench_dial dial = bench_run_dial(run, &conn_events, link, config->session);

    if (dial.conn == NULL) {
        free(link);
        return NULL;
    }
    link->run = run;
    link->events = config->events;
    link->ctx = config->ctx;
    link->conn = dial.conn;
    link->transport = dial.transport;
    link->role = (uint8_t)config->role;
    link->work = (uint8_t)config->work;
    link->opening = alloc_zero(sizeof *link->opening);
    snprintf(link->id, sizeof link->id, "%s", config->id);
    if (!is_mqtt(link))
        buf_append(&link->opening->hello, config->hello);
    return link;
}

void bench_link_close(struct bench_link *link)
{
    link->state = LINK_CLOSING;
    conn_close(link->conn);
}

void bench_link_abort(struct bench_link *link)
{
    link->state = LINK_ABANDONED;
    conn_abort(link->conn);
}

const struct transport *bench_link_transport(const struct bench_link *link)
{
    return link->transport;
}
