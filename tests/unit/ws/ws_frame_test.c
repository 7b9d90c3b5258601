#include "ws/ws_frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct ws_frame frame;

/* Parses byte by byte; the answer must come with the header's last byte and not before. */
static enum ws_parse parse(struct str bytes)
{
    for (size_t len = 0; len < bytes.len; len++) {
        enum ws_parse part = ws_frame_parse(str_sub(bytes, 0, len), &frame);

        if (part == WS_PARSE_BAD)
            return part;
        if (part == WS_PARSE_DONE) {
            assert_int_equal(frame.header_bytes, len);
            return part;
        }
    }
    return ws_frame_parse(bytes, &frame);
}

static void the_headers_of_firmware_are_read(void **unused)
{
    (void)unused;
    assert_int_equal(parse(STR("\x89\x80\0\0\0\0")), WS_PARSE_DONE); /* ESP ping */
    assert_true(frame.fin && frame.masked && frame.rsv == 0);
    assert_int_equal(frame.opcode, WS_PING);
    assert_int_equal(frame.payload_bytes, 0);
    assert_int_equal(frame.header_bytes, 6);
    assert_int_equal(parse(STR("\x81\xFE\x00\xB1\0\0\0\0")), WS_PARSE_DONE); /* ESP register */
    assert_int_equal(frame.opcode, WS_TEXT);
    assert_int_equal(frame.payload_bytes, 177);
    assert_int_equal(frame.header_bytes, 8);
    assert_int_equal(parse(STR("\x81\xFE\x00\x84\xB2\x39\x85\xA6")), WS_PARSE_DONE); /* OPL date */
    assert_int_equal(frame.payload_bytes, 132);
    assert_memory_equal(frame.mask, "\xB2\x39\x85\xA6", 4);
    assert_int_equal(parse(STR("\x81\xEE\0\0\0\0")), WS_PARSE_DONE); /* ESP date */
    assert_int_equal(frame.payload_bytes, 110);
    assert_int_equal(parse(STR("\x88\x80\0\0\0\0")), WS_PARSE_DONE); /* ZZ close */
    assert_int_equal(frame.opcode, WS_CLOSE);
}

static void bits_and_unknown_opcodes_are_reported(void **unused)
{
    (void)unused;
    assert_int_equal(parse(STR("\x7B\x05")), WS_PARSE_DONE);
    assert_false(frame.fin);
    assert_false(frame.masked);
    assert_int_equal(frame.rsv, 7);
    assert_int_equal(frame.opcode, 0xB);
}

static void a_length_must_have_its_shortest_form(void **unused)
{
    (void)unused;
    assert_int_equal(parse(STR("\x81\x7E\x00\x7D")), WS_PARSE_BAD);
    assert_int_equal(parse(STR("\x81\x7E\x00\x7E")), WS_PARSE_DONE);
    assert_int_equal(parse(STR("\x81\x7F\0\0\0\0\0\0\xFF\xFF")), WS_PARSE_BAD);
    assert_int_equal(parse(STR("\x81\x7F\0\0\0\0\0\x01\0\0")), WS_PARSE_DONE);
    assert_int_equal(frame.payload_bytes, 65536);
    assert_int_equal(parse(STR("\x81\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF")), WS_PARSE_DONE);
    assert_int_equal(parse(STR("\x81\x7F\x80\0\0\0\0\0\0\0")), WS_PARSE_BAD);
}

static void a_written_header_is_read_back(void **unused)
{
    static const uint64_t sizes[] = {0, 1, 125, 126, 127, 65535, 65536, INT64_MAX};
    char out[WS_HEADER_MAX];

    (void)unused;
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
        struct ws_frame sent = {.fin = true,
                                .masked = i % 2 == 1,
                                .opcode = WS_TEXT,
                                .mask = {1, 2, 3, 4},
                                .payload_bytes = sizes[i / 2]};
        size_t len = ws_frame_format(&sent, out);

        assert_int_equal(parse((struct str){out, len}), WS_PARSE_DONE);
        assert_int_equal(frame.header_bytes, len);
        assert_int_equal(frame.payload_bytes, sent.payload_bytes);
        assert_int_equal(frame.masked, sent.masked);
        assert_true(!sent.masked || memcmp(frame.mask, sent.mask, 4) == 0);
    }
}

static bool formats(enum ws_opcode opcode, uint64_t payload_bytes, struct str expected)
{
    struct ws_frame sent = {.fin = true, .opcode = opcode, .payload_bytes = payload_bytes};
    char out[WS_HEADER_MAX];
    size_t len = ws_frame_format(&sent, out);

    return str_eq((struct str){out, len}, expected);
}

static void what_firmware_must_receive_is_written(void **unused)
{
    (void)unused;
    assert_true(formats(WS_PONG, 0, STR("\x8A\x00")));
    assert_true(formats(WS_CLOSE, 0, STR("\x88\x00")));
    assert_true(formats(WS_TEXT, 4, STR("\x81\x04")));
    assert_true(formats(WS_TEXT, 118, STR("\x81\x76")));
    assert_true(formats(WS_TEXT, 181, STR("\x81\x7E\x00\xB5")));
}

static void a_mask_turns_with_the_offset(void **unused)
{
    static const uint8_t mask[4] = {0xB2, 0x39, 0x85, 0xA6};
    char plain[41];
    char masked[41];

    (void)unused;
    for (size_t i = 0; i < sizeof plain; i++) {
        plain[i] = (char)(i * 7);
        masked[i] = (char)((uint8_t)plain[i] ^ mask[i % 4]);
    }
    for (size_t split = 0; split <= sizeof plain; split++) {
        char copy[sizeof masked];

        memcpy(copy, masked, sizeof masked);
        ws_frame_mask(copy, split, mask, 0);
        ws_frame_mask(copy + split, sizeof copy - split, mask, split);
        assert_memory_equal(copy, plain, sizeof plain);
    }
}

static void the_fixed_masks_of_firmware_open_ping(void **unused)
{
    char fixed[] = "\xC2\x50\xEB\xC1";
    char clear[] = "ping";

    (void)unused;
    ws_frame_mask(fixed, 4, (const uint8_t[4]){0xB2, 0x39, 0x85, 0xA6}, 0);
    assert_string_equal(fixed, "ping");
    ws_frame_mask(clear, 4, (const uint8_t[4]){0}, 0);
    assert_string_equal(clear, "ping");
}

static void only_codes_for_the_wire_are_valid(void **unused)
{
    static const unsigned good[] = {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999};
    static const unsigned bad[] = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535};

    (void)unused;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(ws_frame_is_close_code(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(ws_frame_is_close_code(bad[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_headers_of_firmware_are_read),
        cmocka_unit_test(bits_and_unknown_opcodes_are_reported),
        cmocka_unit_test(a_length_must_have_its_shortest_form),
        cmocka_unit_test(a_written_header_is_read_back),
        cmocka_unit_test(what_firmware_must_receive_is_written),
        cmocka_unit_test(a_mask_turns_with_the_offset),
        cmocka_unit_test(the_fixed_masks_of_firmware_open_ping),
        cmocka_unit_test(only_codes_for_the_wire_are_valid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
