#include "bench/bench_mqtt.h"

#include <assert.h>

enum {
    CONNECT = 0x10,
    PUBLISH = 0x30,
    SUBSCRIBE = 0x82, /* the low bits are what section 3.8.1 demands */
    PINGREQ = 0xC0,
    CLEAN_SESSION = 0x02,
    PACKET_ID = 1,
    LENGTH_BYTES_MAX = 4,
    SUBACK_FAILURE = 0x80,
};

/* Section 2.2.3: seven bits a byte, the lowest first; the top bit says that more follow. */
static void put_head(struct buf *out, int first, size_t remaining)
{
    buf_append_byte(out, (char)first);
    do {
        size_t rest = remaining >> 7;

        buf_append_byte(out, (char)((remaining & 0x7F) | (rest > 0 ? 0x80 : 0)));
        remaining = rest;
    } while (remaining > 0);
}

static void put_u16(struct buf *out, size_t number)
{
    buf_append_byte(out, (char)(number >> 8));
    buf_append_byte(out, (char)(number & 0xFF));
}

static void put_name(struct buf *out, struct str name)
{
    assert(name.len > 0 && name.len <= BENCH_MQTT_NAME_MAX);
    put_u16(out, name.len);
    buf_append(out, name);
}

void bench_mqtt_connect(struct buf *out, struct str client_id)
{
    static const char variable[] = {0, 4, 'M', 'Q', 'T', 'T', 4, CLEAN_SESSION, 0, 0};

    put_head(out, CONNECT, sizeof variable + 2 + client_id.len);
    buf_append(out, (struct str){variable, sizeof variable});
    put_name(out, client_id);
}

void bench_mqtt_subscribe(struct buf *out, struct str topic)
{
    put_head(out, SUBSCRIBE, 2 + 2 + topic.len + 1);
    put_u16(out, PACKET_ID);
    put_name(out, topic);
    buf_append_byte(out, 0); /* the QoS that is asked for */
}

void bench_mqtt_ping(struct buf *out)
{
    put_head(out, PINGREQ, 0);
}

void bench_mqtt_publish(struct buf *out, struct str topic, size_t payload_bytes)
{
    put_head(out, PUBLISH, 2 + topic.len + payload_bytes);
    put_name(out, topic);
}

/* The length of what follows the head; the head's own in *head_bytes. */
static enum bench_mqtt_parse parse_head(struct str bytes, size_t *head_bytes, size_t *remaining)
{
    *remaining = 0;
    for (size_t i = 1; i <= LENGTH_BYTES_MAX; i++) {
        if (i >= bytes.len)
            return BENCH_MQTT_MORE;

        uint8_t byte = (uint8_t)bytes.ptr[i];

        *remaining |= (size_t)(byte & 0x7F) << (7 * (i - 1));
        *head_bytes = i + 1;
        if ((byte & 0x80) == 0)
            return *remaining > BENCH_MQTT_PACKET_MAX ? BENCH_MQTT_BAD : BENCH_MQTT_DONE;
    }
    return BENCH_MQTT_BAD;
}

static enum bench_mqtt_parse take_publish(struct str body, struct bench_mqtt_packet *out)
{
    size_t topic_bytes;

    if (body.len < 2)
        return BENCH_MQTT_BAD;
    topic_bytes = (size_t)(uint8_t)body.ptr[0] << 8 | (uint8_t)body.ptr[1];
    if (topic_bytes == 0 || topic_bytes > body.len - 2)
        return BENCH_MQTT_BAD;
    out->payload = str_sub(body, 2 + topic_bytes, body.len);
    return BENCH_MQTT_DONE;
}

static enum bench_mqtt_parse take_body(uint8_t first, struct str body,
                                       struct bench_mqtt_packet *out)
{
    switch (first) {
    case BENCH_MQTT_PUBLISH << 4: /* QoS 0, neither kept nor sent again */
        return take_publish(body, out);
    case BENCH_MQTT_CONNACK << 4:
        if (body.len != 2)
            return BENCH_MQTT_BAD;
        out->refusal = (uint8_t)body.ptr[1];
        return BENCH_MQTT_DONE;
    case BENCH_MQTT_SUBACK << 4:
        if (body.len != 3)
            return BENCH_MQTT_BAD;
        out->refusal = (uint8_t)body.ptr[2] & SUBACK_FAILURE;
        return BENCH_MQTT_DONE;
    case BENCH_MQTT_PINGRESP << 4:
        return body.len == 0 ? BENCH_MQTT_DONE : BENCH_MQTT_BAD;
    default:
        return BENCH_MQTT_BAD;
    }
}

enum bench_mqtt_parse bench_mqtt_read(struct str bytes, struct bench_mqtt_packet *out)
{
    struct bench_mqtt_packet packet = {.payload = STR_EMPTY};
    size_t head_bytes = 0;
    size_t remaining = 0;
    enum bench_mqtt_parse parsed = parse_head(bytes, &head_bytes, &remaining);

    if (parsed != BENCH_MQTT_DONE)
        return parsed;
    if (remaining > bytes.len - head_bytes)
        return BENCH_MQTT_MORE;
    parsed = take_body((uint8_t)bytes.ptr[0], str_sub(bytes, head_bytes, remaining), &packet);
    if (parsed != BENCH_MQTT_DONE)
        return parsed;
    packet.type = (enum bench_mqtt_type)((uint8_t)bytes.ptr[0] >> 4);
    packet.taken = head_bytes + remaining;
    *out = packet;
    return BENCH_MQTT_DONE;
}
