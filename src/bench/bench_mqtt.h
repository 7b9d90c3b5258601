/*
 * bench_mqtt - the few packets of MQTT 3.1.1 that the bench says to a broker, and their answers.
 *
 * QoS 0 only, no user name, no will. Sans-I/O: three-way answer, keeps no pointer. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

enum bench_mqtt_type {
    BENCH_MQTT_CONNACK = 2,
    BENCH_MQTT_PUBLISH = 3,
    BENCH_MQTT_SUBACK = 9,
    BENCH_MQTT_PINGRESP = 13,
};

enum {
    BENCH_MQTT_PACKET_MAX = 256 * 1024, /* longer ones are BAD */
    BENCH_MQTT_NAME_MAX = 64,           /* of a client id or a topic */
};

/* Appends one packet each. Names are at most BENCH_MQTT_NAME_MAX bytes long, not empty. */
void bench_mqtt_connect(struct buf *out, struct str client_id); /* a clean session, never too old */
void bench_mqtt_subscribe(struct buf *out, struct str topic);
void bench_mqtt_ping(struct buf *out);
/* Of a PUBLISH all but its payload, which follows. */
void bench_mqtt_publish(struct buf *out, struct str topic, size_t payload_bytes);

struct bench_mqtt_packet {
    enum bench_mqtt_type type;
    uint8_t refusal;    /* of CONNACK and SUBACK: 0 is none */
    struct str payload; /* of PUBLISH: a view of the bytes that were parsed */
    size_t taken;
};

/* BAD: no packet that a broker sends to such a client. */
enum bench_mqtt_parse { BENCH_MQTT_DONE, BENCH_MQTT_MORE, BENCH_MQTT_BAD };
MUST_USE enum bench_mqtt_parse bench_mqtt_read(struct str bytes, struct bench_mqtt_packet *out);
