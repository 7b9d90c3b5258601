#include "admin_rig.h"

#include "http/http_server.h"
#include "net/listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HOUR_MS = 3600 * 1000, MAX_TURNS = 10000 };

struct site {
    struct admin_rig *rig;
    struct conn_config conn;
    struct http_server *server;
    struct listener *listener;
    char answer[128 * 1024];
};

static void on_conn(void *ctx, struct conn *conn)
{
    http_server_accept(((struct site *)ctx)->server, conn);
}

static int open_site(void **state)
{
    struct site *site = test_calloc(1, sizeof *site);
    struct http_server_config http = {
        .limits = {8192, 4096, 4096},
        .request_ms = HOUR_MS,
        .keep_alive_ms = HOUR_MS,
        .answer_ms = HOUR_MS,
        .format_refusal = admin_format_refusal,
    };
    struct listener_config listener = {.max_conns = 8, .on_conn = on_conn, .ctx = site};

    admin_rig_open((void **)&site->rig);
    site->conn = (struct conn_config){.max_input = 64 * 1024,
                                      .max_queued = 1024 * 1024,
                                      .handshake_ms = HOUR_MS,
                                      .linger_ms = 10};
    http.routes = admin_routes(site->rig->admin, &http.route_count);
    site->server = http_server_new(site->rig->loop, &http);
    assert_int_equal(address_parse(STR("127.0.0.1:0"), &listener.address), ERR_NONE);
    listener.conn = &site->conn;
    assert_int_equal(listener_open(site->rig->loop, &listener, NULL, &site->listener), ERR_NONE);
    *state = site;
    return 0;
}

static int close_site(void **state)
{
    struct site *site = *state;

    listener_close(site->listener);
    http_server_close_all(site->server);
    for (int turns = 0; http_server_count(site->server) > 0; turns++) {
        assert_true(turns < MAX_TURNS);
        loop_turn(site->rig->loop, 10);
    }
    http_server_free(site->server);
    admin_rig_close((void **)&site->rig);
    test_free(site);
    return 0;
}

static const char *get(struct site *site, const char *path)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(listener_address(site->listener)->port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char request[256];
    size_t len = 0;
    ssize_t got = -1;

    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
             path);
    assert_int_equal(write(fd, request, strlen(request)), strlen(request));
    for (int turns = 0; got != 0; turns++) {
        assert_true(turns < MAX_TURNS);
        loop_turn(site->rig->loop, 10);
        got = recv(fd, site->answer + len, sizeof site->answer - 1 - len, MSG_DONTWAIT);
        len += got > 0 ? (size_t)got : 0;
    }
    site->answer[len] = '\0';
    close(fd);
    return site->answer;
}

static void livez_answers(void **state)
{
    const char *answer = get(*state, "/livez");

    assert_memory_equal(answer, "HTTP/1.1 200 OK\r\n", 17);
    assert_non_null(strstr(answer, "\r\n\r\n{\"live\":true}"));
}

static void readyz_says_yes_or_why_not(void **state)
{
    struct site *site = *state;
    const char *answer = get(site, "/readyz");

    assert_memory_equal(answer, "HTTP/1.1 200 ", 13);
    assert_non_null(strstr(answer, "{\"ready\":true,\"reasons\":[]}"));
    site->rig->is_draining = true;
    answer = get(site, "/readyz");
    assert_memory_equal(answer, "HTTP/1.1 503 ", 13);
    assert_non_null(strstr(answer, "{\"ready\":false,\"reasons\":[\"draining\"]}"));
}

static void metrics_are_prometheus_text_with_fresh_gauges(void **state)
{
    struct site *site = *state;
    const char *answer;

    metric_add(site->rig->metrics, METRIC_DISPATCH_0, 5);
    site->rig->config.version = NULL; /* admin keeps its own copy of the config */
    answer = get(site, "/metrics");
    assert_non_null(strstr(answer, "Content-Type: text/plain; version=0.0.4"));
    assert_non_null(strstr(answer, "switchyard_dispatch_answers_total{code=\"0\"} 5\n"));
    assert_non_null(strstr(answer, "switchyard_certificate_expiry_seconds 1900000000\n"));
    assert_non_null(strstr(answer, "switchyard_build_info{version=\"1.2.3\",node=\"node-a\"} 1\n"));
    assert_non_null(strstr(answer, "\nprocess_resident_memory_bytes "));
    assert_null(strstr(answer, "\nprocess_resident_memory_bytes 0\n"));
}

static void another_path_is_refused_in_json(void **state)
{
    const char *answer = get(*state, "/admin");

    assert_memory_equal(answer, "HTTP/1.1 404 ", 13);
    assert_non_null(strstr(answer, "{\"error\":404,\"reason\":\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_site, close_site)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(livez_answers),
        TEST(readyz_says_yes_or_why_not),
        TEST(metrics_are_prometheus_text_with_fresh_gauges),
        TEST(another_path_is_refused_in_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
