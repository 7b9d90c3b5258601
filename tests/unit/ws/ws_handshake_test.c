#include "ws/ws_handshake.h"

#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char rfc_key[] = "dGhlIHNhbXBsZSBub25jZQ==";

static int set_up(void **unused)
{
    (void)unused;
    return crypto_init() == ERR_NONE ? 0 : -1;
}

static bool accepts_as(const char *key, const char *expected)
{
    char accept[WS_ACCEPT_CAP];

    ws_handshake_accept(str_of(key), accept);
    return strcmp(accept, expected) == 0;
}

static void keys_are_answered_as_the_standard_says(void **unused)
{
    (void)unused;
    assert_true(accepts_as(rfc_key, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")); /* RFC 6455 1.3 */
    assert_true(accepts_as("ITEADTmobiM0x1DabcEsnw==", "q1/L5gx6qdQ7y3UWgO/Tah/zXBA=")); /* ESP */
    assert_true(accepts_as("AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI=")); /* OPL */
}

static void the_response_is_what_firmware_looks_for(void **unused)
{
    struct buf out = BUF_EMPTY;

    (void)unused;
    ws_handshake_response(&out, STR("ITEADTmobiM0x1DabcEsnw=="));
    assert_true(str_eq(buf_str(&out), STR("HTTP/1.1 101 Switching Protocols\r\n"
                                          "Upgrade: websocket\r\n"
                                          "Connection: Upgrade\r\n"
                                          "Sec-WebSocket-Accept: q1/L5gx6qdQ7y3UWgO/Tah/zXBA=\r\n"
                                          "\r\n")));
    assert_true(out.len < 768);
    buf_free(&out);
}

static void a_request_draws_a_new_key_each_time(void **unused)
{
    struct buf out = BUF_EMPTY;
    char first[WS_KEY_CAP];
    char second[WS_KEY_CAP];

    (void)unused;
    ws_handshake_request(&out, STR("127.0.0.1:8080"), STR("/api/ws"), STR_EMPTY, first);
    assert_true(str_starts(buf_str(&out), STR("GET /api/ws HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n")));
    assert_true(memmem(out.ptr, out.len, first, 24) != NULL);
    assert_int_equal(strlen(first), 24);
    ws_handshake_request(&out, STR("h"), STR("/"), STR_EMPTY, second);
    assert_string_not_equal(first, second);
    buf_free(&out);
}

/* Checks byte by byte: the answer comes with the head's last byte. */
static enum ws_reply check(const char *text, size_t *head_bytes)
{
    for (size_t len = 0; len <= strlen(text); len++) {
        enum ws_reply reply =
            ws_handshake_check((struct str){text, len}, rfc_key, STR_EMPTY, head_bytes);

        if (reply != WS_REPLY_MORE)
            return reply;
    }
    return WS_REPLY_MORE;
}

#define STATUS "HTTP/1.1 101 Switching Protocols\r\n"
#define UPGRADE "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

static void a_good_reply_is_accepted_and_ends_at_its_empty_line(void **unused)
{
    size_t head_bytes = 0;

    (void)unused;
    assert_int_equal(check(STATUS UPGRADE ACCEPT "\r\n\x81\x04pong", &head_bytes),
                     WS_REPLY_ACCEPTED);
    assert_int_equal(head_bytes, strlen(STATUS UPGRADE ACCEPT "\r\n"));
    assert_int_equal(check(STATUS UPGRADE ACCEPT "\r", &head_bytes), WS_REPLY_MORE);
    assert_int_equal(check("HTTP/1.1 101\r\n" UPGRADE ACCEPT "\r\n", &head_bytes),
                     WS_REPLY_ACCEPTED);
}

static void any_other_reply_is_refused(void **unused)
{
    static const char *const bad[] = {
        "HTTP/1.1 200 OK\r\n" UPGRADE ACCEPT "\r\n",
        "HTTP/1.0 101 Switching Protocols\r\n" UPGRADE ACCEPT "\r\n",
        "HTTP/1.1 1010 x\r\n" UPGRADE ACCEPT "\r\n",
        STATUS UPGRADE "\r\n",
        STATUS ACCEPT "\r\n",
        STATUS "Connection: Upgrade\r\n" ACCEPT "\r\n",
        STATUS "Upgrade: websocket\r\n" ACCEPT "\r\n",
        STATUS UPGRADE "Sec-WebSocket-Accept: q1/L5gx6qdQ7y3UWgO/Tah/zXBA=\r\n\r\n",
        STATUS UPGRADE ACCEPT "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        STATUS UPGRADE ACCEPT "Sec-WebSocket-Protocol: chat\r\n\r\n",
        "\r\n\r\n",
    };
    size_t head_bytes = 0;

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(check(bad[i], &head_bytes), WS_REPLY_REFUSED);
    assert_int_equal(head_bytes, 0);
}

static void a_subprotocol_is_asked_for_and_must_be_chosen(void **unused)
{
    static const struct {
        const char *text;
        enum ws_reply reply;
    } answers[] = {
        {STATUS UPGRADE ACCEPT "Sec-WebSocket-Protocol: mqtt\r\n\r\n", WS_REPLY_ACCEPTED},
        {STATUS UPGRADE ACCEPT "Sec-WebSocket-Protocol: chat\r\n\r\n", WS_REPLY_REFUSED},
        {STATUS UPGRADE ACCEPT "\r\n", WS_REPLY_REFUSED},
    };
    struct buf out = BUF_EMPTY;
    char key[WS_KEY_CAP];
    size_t head_bytes;

    (void)unused;
    ws_handshake_request(&out, STR("h"), STR("/"), STR("mqtt"), key);
    assert_non_null(memmem(out.ptr, out.len, "\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n", 34));
    buf_free(&out);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        assert_int_equal(
            ws_handshake_check(str_of(answers[i].text), rfc_key, STR("mqtt"), &head_bytes),
            answers[i].reply);
}

static void a_reply_without_end_is_refused(void **unused)
{
    static char text[8192];
    size_t head_bytes = 0;

    (void)unused;
    memset(text, 'x', sizeof text);
    assert_int_equal(
        ws_handshake_check((struct str){text, sizeof text - 1}, rfc_key, STR_EMPTY, &head_bytes),
        WS_REPLY_MORE);
    assert_int_equal(
        ws_handshake_check((struct str){text, sizeof text}, rfc_key, STR_EMPTY, &head_bytes),
        WS_REPLY_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_answered_as_the_standard_says),
        cmocka_unit_test(the_response_is_what_firmware_looks_for),
        cmocka_unit_test(a_request_draws_a_new_key_each_time),
        cmocka_unit_test(a_good_reply_is_accepted_and_ends_at_its_empty_line),
        cmocka_unit_test(any_other_reply_is_refused),
        cmocka_unit_test(a_subprotocol_is_asked_for_and_must_be_chosen),
        cmocka_unit_test(a_reply_without_end_is_refused),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
