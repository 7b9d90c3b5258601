/* Any body: digits are digits, lengths keep their bounds, and every answer is JSON. */
#include "proto/dispatch_message.h"

#include "base/json.h"
#include "proto/client_message.h"

#include "fuzz.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NONCE_MAX = 64, DIGITS_MAX = 20 };

static void check_digits(struct str digits)
{
    assert(digits.len <= DIGITS_MAX);
    for (size_t i = 0; i < digits.len; i++)
        assert(digits.ptr[i] >= '0' && digits.ptr[i] <= '9');
}

static void check_answer(const struct dispatch_answer *answer)
{
    struct client_route route;
    struct buf app = BUF_EMPTY;
    struct buf device = BUF_EMPTY;

    dispatch_message_format_app(&app, answer);
    dispatch_message_format_device(&device, answer);
    assert(client_message_parse_route(buf_str(&app), &route) == ERR_NONE);
    assert(route.error == answer->error);
    assert(client_message_parse_route(buf_str(&device), &route) == ERR_NONE);
    assert(route.error == answer->error && route.port == answer->port);
    buf_free(&app);
    buf_free(&device);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str body = {(const char *)data, size};
    struct dispatch_request request;
    struct client_route route;

    if (client_message_parse_route(body, &route) == ERR_NONE && route.error == 0)
        assert(route.port > 0);
    if (dispatch_message_parse(body, &request) != ERR_NONE)
        return 0;
    (void)dispatch_message_accepts_ws(request.accept);
    check_digits(request.version);
    check_digits(request.ts);
    assert(request.nonce.len <= NONCE_MAX);
    check_answer(&(struct dispatch_answer){.reason = STR("ok"),
                                           .ip = STR("192.0.2.1"),
                                           .port = 8080,
                                           .domain = STR("gate.example"),
                                           .ts = request.ts,
                                           .nonce = request.nonce});
    check_answer(&(struct dispatch_answer){
        .error = 400, .reason = STR("bad"), .ts = request.ts, .nonce = request.nonce});
    return 0;
}
