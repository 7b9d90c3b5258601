#include "desk.h"

#include "base/crypto.h"
#include "loopback.h"
#include "store/store_app.h"
#include "store/store_device.h"
#include "store/store_token.h"
#include "store/store_user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OWNER "a4e77f7e-2116-4215-b961-6f3fc5982667"

enum { HOUR_MS = 3600 * 1000, LEASE_MS = 3000, RESERVATION_MS = 2000 };

static void on_done(void *ctx, enum err err)
{
    int *left = ctx;

    assert_int_equal(err, ERR_NONE);
    --*left;
}

static void furnish(struct desk *desk)
{
    struct mailbox *mailbox = loop_mailbox(desk->loop);
    struct app_record app = {.id = DESK_APP, .secret = "s"};
    struct user_record user = {.apikey = OWNER, .account = "u", .region = "eu"};
    struct device_record device = {.id = DESK_DEVICE, .key = DESK_KEY, .owner = OWNER};
    struct token_record token = {.kind = TOKEN_ACCESS, .apikey = OWNER, .appid = DESK_APP};
    int left = 4;

    device.params = "{}";
    token.expires_ms = loop_wall_ms(desk->loop) + HOUR_MS;
    crypto_sha256(STR(DESK_TOKEN), token.hash);
    assert_int_equal(store_app_create(desk->store, mailbox, &app, on_done, &left), 0);
    assert_int_equal(store_user_create(desk->store, mailbox, &user, on_done, &left), 0);
    assert_int_equal(store_device_create(desk->store, mailbox, &device, 1, on_done, &left), 0);
    assert_int_equal(store_token_create(desk->store, mailbox, &token, on_done, &left), 0);
    while (left > 0)
        loop_turn(desk->loop, 10);
}

static void open_http(struct desk *desk)
{
    const struct http_server_config config = {
        .limits = {.max_head_bytes = 4096, .max_line_bytes = 1024, .max_body_bytes = 4096},
        .request_ms = HOUR_MS,
        .keep_alive_ms = HOUR_MS,
        .answer_ms = HOUR_MS,
        .routes = desk->routes,
        .route_count = api_routes(desk->api, desk->routes, API_MAX_ROUTES),
        .format_refusal = api_format_refusal,
        .metrics = desk->metrics,
    };

    desk->http = http_server_new(desk->loop, &config);
    desk->conn_config = (struct conn_config){
        .max_input = 64 * 1024,
        .max_queued = 64 * 1024,
        .handshake_ms = HOUR_MS,
        .linger_ms = 1000,
    };
}

int desk_set_up(void **state)
{
    static struct desk desk;
    const struct store_config store = {.max_waiting = 16};

    desk = (struct desk){0};
    assert_int_equal(crypto_init(), ERR_NONE);
    desk.loop = loop_new();
    desk.metrics = metric_set_new();
    assert_int_equal(store_open(&store, NULL, &desk.store), ERR_NONE);
    furnish(&desk);
    desk.access = access_new(&(struct access_config){.store = desk.store,
                                                     .mailbox = loop_mailbox(desk.loop),
                                                     .max_cached = 8,
                                                     .cache_ms = HOUR_MS});
    desk.nodes = node_registry_new(LEASE_MS, RESERVATION_MS);
    desk.api_config = (struct api_config){
        .loop = desk.loop,
        .access = desk.access,
        .nodes = desk.nodes,
        .metrics = desk.metrics,
        .max_calls = 4,
    };
    desk.api = api_new(&desk.api_config);
    open_http(&desk);
    *state = &desk;
    return 0;
}

static void close_http(struct desk *desk)
{
    http_server_close_all(desk->http);
    loopback_settle(desk->loop);
    http_server_free(desk->http);
    api_free(desk->api);
}

int desk_tear_down(void **state)
{
    struct desk *desk = *state;

    close_http(desk);
    node_registry_free(desk->nodes);
    access_free(desk->access);
    store_close(desk->store);
    loop_free(desk->loop);
    metric_set_free(desk->metrics);
    buf_free(&desk->answer);
    return 0;
}

void desk_limit_calls(struct desk *desk, size_t max_calls)
{
    close_http(desk);
    desk->api_config.max_calls = max_calls;
    desk->api = api_new(&desk->api_config);
    open_http(desk);
}

void desk_announce(struct desk *desk, const struct bus_node *node)
{
    assert_int_equal(node_registry_announce(desk->nodes, node, loop_now_ms(desk->loop)), 0);
}

const char *desk_ask(struct desk *desk, const char *head, const char *body)
{
    char request[2048];
    char piece[1024];
    ssize_t count;
    int ours;
    int theirs;

    loopback_pair(&ours, &theirs);
    http_server_accept(desk->http,
                       conn_new(desk->loop, ours, transport_plain_new(), &desk->conn_config));
    snprintf(request, sizeof request, "%s\r\nContent-Length: %zu\r\n\r\n%s", head, strlen(body),
             body);
    loopback_send(theirs, request, strlen(request));
    buf_clear(&desk->answer);
    while (desk->answer.len == 0) {
        loop_turn(desk->loop, 10);
        count = recv(theirs, piece, sizeof piece, MSG_DONTWAIT);
        if (count > 0)
            buf_append(&desk->answer, (struct str){piece, (size_t)count});
    }
    close(theirs);
    loopback_settle(desk->loop);
    buf_append_byte(&desk->answer, '\0');
    return desk->answer.ptr;
}
