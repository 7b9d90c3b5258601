#include "net/listener.h"

#include "loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNS = 3, MAX_SEEN = 64 };

struct fixture {
    struct loop *loop;
    struct conn_config conn_config;
    struct listener_config config;
    struct listener *listener;
    struct conn *conns[MAX_SEEN];
    int count;
    int closed;
    enum conn_end end;
    char got[64];
    size_t got_len;
    char peer[ADDRESS_TEXT_CAP]; /* as it was when the connection opened */
    char local[ADDRESS_TEXT_CAP];
    int opened;
};

static size_t on_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct fixture *fixture = ctx;

    (void)conn;
    assert_true(len <= sizeof fixture->got - fixture->got_len);
    memcpy(fixture->got + fixture->got_len, data, len);
    fixture->got_len += len;
    return len;
}

static void on_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct fixture *fixture = ctx;

    for (int i = 0; i < fixture->count; i++)
        if (fixture->conns[i] == conn)
            fixture->conns[i] = NULL;
    fixture->closed++;
    fixture->end = end;
}

static void on_open(void *ctx, struct conn *conn)
{
    struct fixture *fixture = ctx;

    fixture->opened++;
    address_format(conn_peer(conn), fixture->peer);
    address_format(conn_local(conn), fixture->local);
}

static const struct conn_handler HANDLER = {
    .on_data = on_data, .on_close = on_close, .on_open = on_open};

static void on_conn(void *ctx, struct conn *conn)
{
    struct fixture *fixture = ctx;

    assert_true(fixture->count < MAX_SEEN);
    fixture->conns[fixture->count++] = conn;
    conn_set_handler(conn, &HANDLER, fixture);
}

static int make_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    fixture->loop = loop_new();
    fixture->conn_config = (struct conn_config){
        .max_input = 1000,
        .max_queued = 1000,
        .handshake_ms = 60000,
        .linger_ms = 60000,
        .metrics = metric_set_new(),
    };
    fixture->config = (struct listener_config){
        .conn = &fixture->conn_config,
        .max_conns = MAX_CONNS,
        .on_conn = on_conn,
        .ctx = fixture,
    };
    assert_int_equal(address_parse(STR("127.0.0.1:0"), &fixture->config.address), ERR_NONE);
    *state = fixture;
    return 0;
}

static int free_fixture(void **state)
{
    struct fixture *fixture = *state;

    listener_close(fixture->listener);
    for (int i = 0; i < fixture->count; i++)
        if (fixture->conns[i] != NULL)
            conn_abort(fixture->conns[i]);
    loop_free(fixture->loop);
    assert_int_equal(fixture->closed, fixture->count);
    metric_set_free(fixture->conn_config.metrics);
    free(fixture);
    return 0;
}

static unsigned short open_listener(struct fixture *fixture)
{
    struct problem problem;

    assert_int_equal(listener_open(fixture->loop, &fixture->config, &problem, &fixture->listener),
                     ERR_NONE);
    return listener_address(fixture->listener)->port;
}

static int64_t metric_of(struct fixture *fixture, enum metric metric)
{
    return metric_total(&fixture->conn_config.metrics, 1, metric);
}

static void a_listener_on_port_0_tells_its_port_and_accepts(void **state)
{
    struct fixture *fixture = *state;
    unsigned short port = open_listener(fixture);
    int peer;

    assert_int_not_equal(port, 0);
    peer = loopback_connect(port);
    loopback_send(peer, "hello", 5);
    loopback_run_until(fixture->loop, &fixture->opened);
    loopback_settle(fixture->loop);
    assert_int_equal(fixture->got_len, 5);
    assert_int_equal(metric_of(fixture, METRIC_CONN_ACCEPTED), 1);
    assert_int_equal(fcntl(peer, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    close(peer);
}

static void more_than_max_conns_are_closed_and_counted(void **state)
{
    struct fixture *fixture = *state;
    unsigned short port = open_listener(fixture);
    int peers[MAX_CONNS + 1];

    for (int i = 0; i <= MAX_CONNS; i++)
        peers[i] = loopback_connect(port);
    loopback_settle(fixture->loop);
    assert_int_equal(fixture->count, MAX_CONNS);
    assert_int_equal(metric_of(fixture, METRIC_CONN_REFUSED), 1);
    assert_int_equal(metric_of(fixture, METRIC_CONN_OPEN), MAX_CONNS);
    loopback_expect_end(peers[MAX_CONNS]);
    close(peers[MAX_CONNS]);
    close(peers[0]);
    loopback_run_until(fixture->loop, &fixture->closed);
    peers[0] = loopback_connect(port); /* its place is free again */
    loopback_settle(fixture->loop);
    assert_int_equal(fixture->count, MAX_CONNS + 1);
    for (int i = 0; i < MAX_CONNS; i++)
        close(peers[i]);
}

static void connections_outlive_their_listener(void **state)
{
    struct fixture *fixture = *state;
    int peer = loopback_connect(open_listener(fixture));

    loopback_run_until(fixture->loop, &fixture->opened);
    listener_close(fixture->listener);
    fixture->listener = NULL;
    loopback_send(peer, "still", 5);
    loopback_settle(fixture->loop);
    assert_int_equal(fixture->got_len, 5);
    close(peer);
    loopback_run_until(fixture->loop, &fixture->closed);
    listener_close(NULL);
}

static void two_listeners_share_a_port(void **state)
{
    struct fixture *fixture = *state;
    struct listener *second;
    struct problem problem;

    fixture->config.address.port = open_listener(fixture);
    assert_int_equal(listener_open(fixture->loop, &fixture->config, &problem, &second), ERR_NONE);
    listener_close(second);
}

static void a_port_in_use_is_a_problem_that_names_it(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = {.err = ERR_NONE};
    char text[ADDRESS_TEXT_CAP];
    unsigned short port;
    int fd = loopback_listen(&port);

    fixture->config.address.port = port;
    address_format(&fixture->config.address, text);
    assert_int_equal(listener_open(fixture->loop, &fixture->config, &problem, &fixture->listener),
                     ERR_IO);
    assert_null(fixture->listener);
    assert_non_null(strstr(problem.text, text));
    assert_non_null(strstr(problem.text, "in use"));
    close(fd);
    assert_int_equal(listener_check(&fixture->config.address, &problem), ERR_NONE);
}

static void a_check_finds_another_server_that_would_share_its_port(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem;

    fixture->config.address.port = open_listener(fixture);
    assert_int_equal(listener_check(&fixture->config.address, &problem), ERR_IO);
    assert_non_null(strstr(problem.text, "in use"));
}

static void an_address_this_machine_does_not_have_is_a_problem(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem;

    assert_int_equal(address_parse(STR("192.0.2.1:0"), &fixture->config.address), ERR_NONE);
    assert_int_equal(listener_open(fixture->loop, &fixture->config, &problem, &fixture->listener),
                     ERR_IO);
    assert_non_null(strstr(problem.text, "no such address"));
}

static void a_star_accepts_ipv4_and_tells_peers_as_ipv4(void **state)
{
    struct fixture *fixture = *state;
    char text[ADDRESS_TEXT_CAP];
    int peer;

    assert_int_equal(address_parse(STR("*:0"), &fixture->config.address), ERR_NONE);
    peer = loopback_connect(open_listener(fixture));
    assert_int_equal(address_format(listener_address(fixture->listener), text)[0], '*');
    loopback_run_until(fixture->loop, &fixture->opened);
    assert_memory_equal(fixture->peer, "127.0.0.1:", 10);
    close(peer);
}

/* Without descriptors nobody is accepted, nothing spins, and those who wait are served later. */
static void running_out_of_descriptors_delays_but_loses_nobody(void **state)
{
    struct fixture *fixture = *state;
    int peer = loopback_connect(open_listener(fixture));
    struct rlimit limit;
    struct rlimit none;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 3; /* below all that are open: every accept fails with EMFILE */
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    loopback_settle(fixture->loop);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(fixture->count, 0);
    loopback_run_until(fixture->loop, &fixture->opened);
    assert_int_equal(fixture->count, 1);
    close(peer);
}

static void a_proxy_header_tells_the_peer_and_is_not_handed_in(void **state)
{
    static const char header[] = "PROXY TCP4 203.0.113.9 198.51.100.4 5555 443\r\nGET";
    struct fixture *fixture = *state;
    int peer;

    fixture->config.proxy_protocol = true;
    peer = loopback_connect(open_listener(fixture));
    for (size_t i = 0; i < sizeof header - 1; i++) {
        loopback_send(peer, header + i, 1);
        loopback_settle(fixture->loop);
    }
    assert_int_equal(fixture->opened, 1);
    assert_string_equal(fixture->peer, "203.0.113.9:5555");
    assert_string_equal(fixture->local, "198.51.100.4:443");
    assert_int_equal(fixture->got_len, 3);
    close(peer);
}

static void bytes_that_come_with_the_proxy_header_are_handed_in(void **state)
{
    static const char bytes[] = "\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00hello";
    struct fixture *fixture = *state;
    int peer;

    fixture->config.proxy_protocol = true;
    peer = loopback_connect(open_listener(fixture));
    loopback_send(peer, bytes, sizeof bytes - 1);
    loopback_run_until(fixture->loop, &fixture->opened);
    loopback_settle(fixture->loop);
    assert_memory_equal(fixture->peer, "127.0.0.1:", 10);
    assert_int_equal(fixture->got_len, 5);
    close(peer);
}

static void a_connection_without_the_proxy_header_is_closed(void **state)
{
    struct fixture *fixture = *state;
    int peer;

    fixture->config.proxy_protocol = true;
    peer = loopback_connect(open_listener(fixture));
    loopback_send(peer, "GET / HTTP/1.1\r\n", 16);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_TLS_FAILED);
    assert_int_equal(fixture->opened, 0);
    assert_int_equal(metric_of(fixture, METRIC_CLOSE_PROTOCOL), 1);
    close(peer);
}

static void a_proxy_header_that_does_not_come_in_time_ends_the_connection(void **state)
{
    struct fixture *fixture = *state;
    int peer;

    fixture->config.proxy_protocol = true;
    fixture->conn_config.handshake_ms = 10;
    peer = loopback_connect(open_listener(fixture));
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_TLS_FAILED);
    assert_int_equal(metric_of(fixture, METRIC_CLOSE_HANDSHAKE_TIMEOUT), 1);
    close(peer);
}

/* The header is the first step of a handshake, and steps are what a turn has few of. */
static void many_who_come_at_once_let_those_who_are_there_have_their_turn(void **state)
{
    enum { MANY = 2 * LOOP_SLOW_PER_TURN + 1 };
    static const char header[] = "PROXY UNKNOWN\r\n";
    struct fixture *fixture = *state;
    int peers[MANY + 1];
    unsigned short port;

    fixture->config.proxy_protocol = true;
    fixture->config.max_conns = MAX_SEEN;
    port = open_listener(fixture);
    peers[MANY] = loopback_connect(port);
    loopback_send(peers[MANY], header, sizeof header - 1);
    loopback_run_until(fixture->loop, &fixture->opened);
    for (int i = 0; i < MANY; i++)
        peers[i] = loopback_connect(port);
    while (fixture->count <= MANY) {
        int before = fixture->count;

        loop_turn(fixture->loop, 100);
        assert_in_range(fixture->count - before, 0, LOOP_SLOW_PER_TURN);
    }
    loopback_settle(fixture->loop);
    loopback_send(peers[MANY], "x", 1);
    for (int i = 0; i < MANY; i++)
        loopback_send(peers[i], header, sizeof header - 1);
    while (fixture->opened <= MANY) {
        int before = fixture->opened;

        loop_turn(fixture->loop, 100);
        assert_in_range(fixture->opened - before, 0, LOOP_SLOW_PER_TURN);
        assert_true(fixture->opened == 1 || fixture->got_len == 1);
    }
    for (int i = 0; i <= MANY; i++)
        close(peers[i]);
}

static void a_client_connection_reaches_the_listener_and_both_ends_agree(void **state)
{
    struct fixture *fixture = *state;
    struct address to;
    struct conn *client;
    char text[ADDRESS_TEXT_CAP];

    open_listener(fixture);
    to = *listener_address(fixture->listener);
    assert_int_equal(
        conn_connect(fixture->loop, &to, transport_plain_new(), &fixture->conn_config, &client),
        ERR_NONE);
    on_conn(fixture, client);
    assert_true(conn_send(client, STR("from client")));
    loopback_settle(fixture->loop);
    assert_int_equal(fixture->opened, 2);
    assert_int_equal(fixture->got_len, 11);
    address_format(conn_local(client), text);
    assert_string_equal(address_format(conn_peer(fixture->conns[1]), fixture->peer), text);
    conn_close(client);
    loopback_settle(fixture->loop);
    assert_int_equal(fixture->closed, 2);
}

static void a_connect_that_is_refused_is_told_by_on_close(void **state)
{
    struct fixture *fixture = *state;
    struct address to = fixture->config.address;
    struct conn *client;

    close(loopback_listen(&to.port));
    assert_int_equal(
        conn_connect(fixture->loop, &to, transport_plain_new(), &fixture->conn_config, &client),
        ERR_NONE);
    on_conn(fixture, client);
    assert_int_equal(fixture->closed, 0);
    loopback_run_until(fixture->loop, &fixture->closed);
    assert_int_equal(fixture->end, CONN_PEER_CLOSED);
    assert_int_equal(fixture->opened, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_fixture, free_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_listener_on_port_0_tells_its_port_and_accepts),
        TEST(more_than_max_conns_are_closed_and_counted),
        TEST(connections_outlive_their_listener),
        TEST(two_listeners_share_a_port),
        TEST(a_port_in_use_is_a_problem_that_names_it),
        TEST(a_check_finds_another_server_that_would_share_its_port),
        TEST(an_address_this_machine_does_not_have_is_a_problem),
        TEST(a_star_accepts_ipv4_and_tells_peers_as_ipv4),
        TEST(running_out_of_descriptors_delays_but_loses_nobody),
        TEST(a_proxy_header_tells_the_peer_and_is_not_handed_in),
        TEST(bytes_that_come_with_the_proxy_header_are_handed_in),
        TEST(a_connection_without_the_proxy_header_is_closed),
        TEST(a_proxy_header_that_does_not_come_in_time_ends_the_connection),
        TEST(many_who_come_at_once_let_those_who_are_there_have_their_turn),
        TEST(a_client_connection_reaches_the_listener_and_both_ends_agree),
        TEST(a_connect_that_is_refused_is_told_by_on_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
