#include "bench/bench_mqtt.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A packet, for tables; they hold zeros. */
#define PACKET(literal)                                                                            \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static void expect_bytes(struct buf *out, struct str packet)
{
    assert_int_equal(out->len, packet.len);
    assert_memory_equal(out->ptr, packet.ptr, packet.len);
    buf_free(out);
}

#define EXPECT(literal) expect_bytes(&out, (struct str)PACKET(literal))

static void packets_are_as_the_standard_draws_them(void **state)
{
    struct buf out = BUF_EMPTY;

    (void)state;
    bench_mqtt_connect(&out, STR("dev1"));
    EXPECT(
        "\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x04"
        "dev1");
    bench_mqtt_subscribe(&out, STR("a/b"));
    EXPECT(
        "\x82\x08\x00\x01\x00\x03"
        "a/b\x00");
    bench_mqtt_ping(&out);
    EXPECT("\xC0\x00");
    bench_mqtt_publish(&out, STR("a/b"), 5);
    EXPECT(
        "\x30\x0A\x00\x03"
        "a/b");
}

/* Section 2.2.3's table: where one more byte is needed. */
static void long_packets_have_long_lengths(void **state)
{
    struct buf out = BUF_EMPTY;

    (void)state;
    bench_mqtt_publish(&out, STR("t"), 124);
    EXPECT("\x30\x7F\x00\x01t");
    bench_mqtt_publish(&out, STR("t"), 125);
    EXPECT("\x30\x80\x01\x00\x01t");
    bench_mqtt_publish(&out, STR("t"), 16380);
    EXPECT("\x30\xFF\x7F\x00\x01t");
    bench_mqtt_publish(&out, STR("t"), 16381);
    EXPECT("\x30\x80\x80\x01\x00\x01t");
}

static void answers_are_read_when_they_are_whole(void **state)
{
    static const struct {
        struct str bytes;
        enum bench_mqtt_type type;
        uint8_t refusal;
    } answers[] = {
        {PACKET("\x20\x02\x00\x00"), BENCH_MQTT_CONNACK, 0},
        {PACKET("\x20\x02\x00\x05"), BENCH_MQTT_CONNACK, 5},
        {PACKET("\x90\x03\x00\x01\x00"), BENCH_MQTT_SUBACK, 0},
        {PACKET("\x90\x03\x00\x01\x80"), BENCH_MQTT_SUBACK, 0x80},
        {PACKET("\xD0\x00"), BENCH_MQTT_PINGRESP, 0},
    };
    struct bench_mqtt_packet packet;

    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        for (size_t len = 0; len < answers[i].bytes.len; len++)
            assert_int_equal(bench_mqtt_read(str_sub(answers[i].bytes, 0, len), &packet),
                             BENCH_MQTT_MORE);
        assert_int_equal(bench_mqtt_read(answers[i].bytes, &packet), BENCH_MQTT_DONE);
        assert_int_equal(packet.type, answers[i].type);
        assert_int_equal(packet.refusal, answers[i].refusal);
        assert_int_equal(packet.taken, answers[i].bytes.len);
    }
}

static void a_message_is_read_back(void **state)
{
    const struct str payload = STR("{\"switch\":\"on\"}");
    struct bench_mqtt_packet packet;
    struct buf out = BUF_EMPTY;

    (void)state;
    bench_mqtt_publish(&out, STR("bench/1/command"), payload.len);
    buf_append(&out, payload);
    buf_append(&out, STR("\xD0"));
    assert_int_equal(bench_mqtt_read(buf_str(&out), &packet), BENCH_MQTT_DONE);
    assert_int_equal(packet.type, BENCH_MQTT_PUBLISH);
    assert_true(str_eq(packet.payload, payload));
    assert_int_equal(packet.taken, out.len - 1);
    buf_free(&out);
}

static void what_no_broker_sends_to_us_is_bad(void **state)
{
    static const struct str bad[] = {
        PACKET("\x00\x00"),                    /* no type */
        PACKET("\x10\x00"),                    /* a client's */
        PACKET("\x20\x03\x00\x00\x00"),        /* CONNACK too long */
        PACKET("\x90\x02\x00\x01"),            /* SUBACK without code */
        PACKET("\xD0\x01\x00"),                /* PINGRESP with a body */
        PACKET("\x32\x07\x00\x01t\x00\x01hi"), /* QoS 1 was not asked for */
        PACKET("\x30\x01\x00"),                /* no room for a topic's length */
        PACKET("\x30\x02\x00\x00"),            /* a topic of nothing */
        PACKET("\x30\x04\x00\x03t!"),          /* a topic longer than the packet */
        PACKET("\x30\xFF\xFF\xFF\xFF"),        /* five bytes of length */
        PACKET("\x30\x81\x80\x10"),            /* 256 KiB and a byte */
    };
    struct bench_mqtt_packet packet = {.taken = 7};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(bench_mqtt_read(bad[i], &packet), BENCH_MQTT_BAD);
    assert_int_equal(packet.taken, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_are_as_the_standard_draws_them),
        cmocka_unit_test(long_packets_have_long_lengths),
        cmocka_unit_test(answers_are_read_when_they_are_whole),
        cmocka_unit_test(a_message_is_read_back),
        cmocka_unit_test(what_no_broker_sends_to_us_is_bad),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
