#include "ws/ws_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MAX = 300, INPUT_CAP = 4096 };

/*
 * Reads `bytes`, handed in as they would be by a connection that receives `step` bytes at a time,
 * and writes what came of them: T(text) F P(payload) O(payload) C<code> !<code>, one letter an
 * event.
 */
static void read_in_steps(struct str bytes, bool from_client, size_t step, struct buf *story)
{
    struct ws_message message;
    char input[INPUT_CAP];
    size_t from = 0;
    bool bad = false;

    assert_true(bytes.len <= INPUT_CAP);
    memcpy(input, bytes.ptr, bytes.len);
    ws_message_init(&message, from_client, MAX);
    for (size_t to = 0; to < bytes.len && !bad;) {
        struct ws_event event;

        to = to + step < bytes.len ? to + step : bytes.len;
        do {
            ws_message_next(&message, input + from, to - from, &event);
            from += event.taken;
            bad = event.kind == WS_EVENT_BAD;
            if (event.kind == WS_EVENT_CLOSE || bad)
                buf_printf(story, "%c%u ", bad ? '!' : 'C', event.code);
            else if (event.kind == WS_EVENT_FRAGMENT)
                buf_printf(story, "F ");
            else if (event.kind != WS_EVENT_MORE)
                buf_printf(story, "%c(%.*s) ", "TPO"[event.kind - WS_EVENT_TEXT], (int)event.len,
                           event.data);
        } while (event.kind != WS_EVENT_MORE && !bad);
    }
    ws_message_fini(&message);
}

static bool reads(struct str bytes, bool from_client, const char *expected)
{
    bool all = true;

    for (size_t step = 1; step <= bytes.len; step++) {
        struct buf story = BUF_EMPTY;

        read_in_steps(bytes, from_client, step, &story);
        buf_append_byte(&story, '\0');
        if (strcmp(story.ptr, expected) != 0) {
            print_error("step %zu: got %s, expected %s\n", step, story.ptr, expected);
            all = false;
        }
        buf_free(&story);
    }
    return all;
}

/* From a client with the zero mask, so that the payload can be read in the test. */
#define FROM_CLIENT(literal, expected) assert_true(reads(STR(literal), true, expected))
#define FROM_SERVER(literal, expected) assert_true(reads(STR(literal), false, expected))
#define ZERO "\0\0\0\0"

static void what_firmware_sends_is_read(void **unused)
{
    (void)unused;
    FROM_CLIENT("\x89\x80" ZERO, "P() ");
    FROM_CLIENT("\x81\x84" ZERO "ping", "T(ping) ");
    FROM_CLIENT("\x81\x84\xB2\x39\x85\xA6\xC2\x50\xEB\xC1", "T(ping) ");
    FROM_CLIENT("\x88\x80" ZERO, "C1005 ");
    FROM_CLIENT("\x81\x83\xB2\x39\x85\xA6\xC9\x1B\xE4\x81\x80" ZERO, "T({\"a) T() ");
}

static void what_firmware_is_sent_is_read_back_by_a_client(void **unused)
{
    (void)unused;
    FROM_SERVER("\x8A\x00", "O() ");
    FROM_SERVER("\x81\x04pong", "T(pong) ");
    FROM_SERVER("\x88\x00", "C1005 ");
}

static void fragments_are_joined_around_control_frames(void **unused)
{
    (void)unused;
    FROM_SERVER(
        "\x01\x02"
        "he"
        "\x89\x01!"
        "\x00\x00"
        "\x8A\x00"
        "\x80\x03llo"
        "\x81\x01x",
        "F P(!) F O() T(hello) T(x) ");
    FROM_SERVER("\x01\x00\x80\x00", "F T() ");
    FROM_SERVER(
        "\x01\x01"
        "a\x88\x02\x03\xE8",
        "F C1000 ");
}

static void a_message_over_the_limit_is_1009_at_its_header(void **unused)
{
    (void)unused;
    FROM_SERVER("\x81\x7E\x01\x2D", "!1009 ");                         /* 301 bytes announced */
    FROM_SERVER("\x81\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "!1009 "); /* and 2^63 - 1 */
    FROM_SERVER(
        "\x01\x03"
        "abc\x80\x7E\x01\x2A",
        "F !1009 ");
}

static void a_message_at_the_limit_passes(void **unused)
{
    char bytes[4 + MAX] = "\x81\x7E\x01\x2C";
    struct ws_message message;
    struct ws_event event;

    (void)unused;
    memset(bytes + 4, 'x', MAX);
    ws_message_init(&message, false, MAX);
    ws_message_next(&message, bytes, sizeof bytes, &event);
    assert_int_equal(event.kind, WS_EVENT_TEXT);
    assert_int_equal(event.len, MAX);
    assert_ptr_equal(event.data, bytes + 4); /* where it stands: no copy */
    assert_null(message.parts);
    ws_message_fini(&message);
}

static void only_a_message_in_assembly_owns_memory(void **unused)
{
    char bytes[] =
        "\x01\x01"
        "a\x80\x01"
        "b";
    struct ws_message message;
    struct ws_event event;

    (void)unused;
    ws_message_init(&message, false, MAX);
    ws_message_next(&message, bytes, 6, &event);
    assert_int_equal(event.kind, WS_EVENT_FRAGMENT);
    assert_non_null(message.parts);
    ws_message_next(&message, bytes + 3, 3, &event);
    assert_int_equal(event.kind, WS_EVENT_TEXT);
    assert_memory_equal(event.data, "ab", 2);
    ws_message_release(&message);
    assert_null(message.parts);
    ws_message_fini(&message);
}

static void the_mask_must_be_there_from_a_client_only(void **unused)
{
    (void)unused;
    FROM_CLIENT("\x81\x04ping", "!1002 ");
    FROM_CLIENT("\x88\x00", "!1002 ");
    FROM_SERVER("\x81\x84" ZERO "ping", "!1002 ");
}

static void frames_that_break_the_protocol_are_1002(void **unused)
{
    (void)unused;
    FROM_SERVER("\xC1\x00", "!1002 ");           /* RSV1 without an extension */
    FROM_SERVER("\xA1\x00", "!1002 ");           /* RSV2 */
    FROM_SERVER("\x91\x00", "!1002 ");           /* RSV3 */
    FROM_SERVER("\x83\x00", "!1002 ");           /* a reserved data opcode */
    FROM_SERVER("\x8B\x00", "!1002 ");           /* a reserved control opcode */
    FROM_SERVER("\x09\x00", "!1002 ");           /* a fragmented ping */
    FROM_SERVER("\x89\x7E\x00\x7E", "!1002 ");   /* a ping of 126 bytes */
    FROM_SERVER("\x80\x00", "!1002 ");           /* continues nothing */
    FROM_SERVER("\x01\x00\x81\x00", "F !1002 "); /* begins anew inside a message */
    FROM_SERVER("\x01\x00\x82\x00", "F !1002 ");
    FROM_SERVER("\x81\x7E\x00\x05", "!1002 "); /* a length not in its shortest form */
}

static void binary_is_1003(void **unused)
{
    (void)unused;
    FROM_SERVER("\x82\x00", "!1003 ");
    FROM_SERVER("\x02\x01z", "!1003 ");
}

static void bad_utf8_fails_at_its_first_bad_byte(void **unused)
{
    (void)unused;
    FROM_SERVER("\x81\x7E\x01\x00\xC0", "!1007 "); /* 255 bytes are still to come */
    FROM_SERVER("\x81\x02\xC3\x28", "!1007 ");
    FROM_SERVER("\x81\x01\xC3", "!1007 "); /* ends inside a character */
    FROM_SERVER("\x01\x01\xED\x00\x01\xA0", "F !1007 ");
    FROM_SERVER("\x01\x01\xE2\x89\x01\xFF\x80\x02\x82\xAC", "F P(\xFF) T(\xE2\x82\xAC) ");
    FROM_SERVER("\x01\x01\xE2\x80\x01\x82", "F !1007 ");
}

static void a_close_frame_is_checked(void **unused)
{
    (void)unused;
    FROM_SERVER("\x88\x02\x03\xE9", "C1001 ");
    FROM_SERVER(
        "\x88\x05\x0B\xB8"
        "bye",
        "C3000 ");
    FROM_SERVER("\x88\x01\x03", "!1002 ");
    FROM_SERVER("\x88\x02\x03\xED", "!1002 "); /* 1005 must not be sent */
    FROM_SERVER("\x88\x02\xFF\xFF", "!1002 ");
    FROM_SERVER("\x88\x03\x03\xE8\xFF", "!1007 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_firmware_sends_is_read),
        cmocka_unit_test(what_firmware_is_sent_is_read_back_by_a_client),
        cmocka_unit_test(fragments_are_joined_around_control_frames),
        cmocka_unit_test(a_message_over_the_limit_is_1009_at_its_header),
        cmocka_unit_test(a_message_at_the_limit_passes),
        cmocka_unit_test(only_a_message_in_assembly_owns_memory),
        cmocka_unit_test(the_mask_must_be_there_from_a_client_only),
        cmocka_unit_test(frames_that_break_the_protocol_are_1002),
        cmocka_unit_test(binary_is_1003),
        cmocka_unit_test(bad_utf8_fails_at_its_first_bad_byte),
        cmocka_unit_test(a_close_frame_is_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
