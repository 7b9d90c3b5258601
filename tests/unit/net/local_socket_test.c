#include "net/local_socket.h"

#include "base/buf.h"
#include "net/local_listener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_LINE = 100, MAX_QUEUED = 4 * 1024 * 1024, MAX_TURNS = 2000 };

/* One end of a channel and what it has heard. */
struct end {
    struct local_socket *socket;
    struct buf heard; /* lines, each with its LF */
    int lines;
    int drained;
    int too_long;
    bool is_closed;
    bool pauses; /* after each line */
    enum err why;
};

struct fixture {
    struct loop *loop;
    char directory[32];
    char path[64];
    struct local_listener *listener;
    struct end server;
    struct end client;
};

static void on_line(void *ctx, struct local_socket *socket, struct str line)
{
    struct end *end = ctx;

    assert_ptr_equal(socket, end->socket);
    end->lines++;
    buf_append(&end->heard, line);
    buf_append_byte(&end->heard, '\n');
    if (end->pauses)
        local_socket_pause(socket);
}

static void on_close(void *ctx, struct local_socket *socket, enum err why)
{
    struct end *end = ctx;

    assert_ptr_equal(socket, end->socket);
    assert_false(end->is_closed);
    end->is_closed = true;
    end->why = why;
}

static void on_drained(void *ctx, struct local_socket *socket)
{
    struct end *end = ctx;

    assert_int_equal(local_socket_queued(socket), 0);
    end->drained++;
}

static void on_too_long(void *ctx, struct local_socket *socket)
{
    struct end *end = ctx;

    end->too_long++;
    local_socket_send(socket, STR("too long"));
}

static const struct local_socket_handler HANDLER = {
    .on_line = on_line,
    .on_close = on_close,
    .on_drained = on_drained,
    .on_too_long = on_too_long,
};

static struct local_socket_config config_of(struct end *end)
{
    return (struct local_socket_config){
        .max_line = MAX_LINE, .max_queued = MAX_QUEUED, .handler = &HANDLER, .ctx = end};
}

static void on_accept(void *ctx, int fd)
{
    struct fixture *fixture = ctx;
    struct local_socket_config config = config_of(&fixture->server);

    assert_null(fixture->server.socket);
    fixture->server.socket = local_socket_new(fixture->loop, fd, &config);
}

static enum err listen_again(struct fixture *fixture, struct problem *problem,
                             struct local_listener **out)
{
    const struct local_listener_config config = {fixture->path, on_accept, fixture};

    return local_listener_open(fixture->loop, &config, problem, out);
}

static int open_fixture(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    fixture->loop = loop_new();
    snprintf(fixture->directory, sizeof fixture->directory, "/tmp/local-XXXXXX");
    assert_non_null(mkdtemp(fixture->directory));
    snprintf(fixture->path, sizeof fixture->path, "%s/socket", fixture->directory);
    assert_int_equal(listen_again(fixture, NULL, &fixture->listener), ERR_NONE);
    *state = fixture;
    return 0;
}

static void end_it(struct fixture *fixture, struct end *end)
{
    if (end->socket != NULL && !end->is_closed)
        local_socket_close(end->socket);
    loop_turn(fixture->loop, 0);
    buf_free(&end->heard);
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;

    end_it(fixture, &fixture->server);
    end_it(fixture, &fixture->client);
    local_listener_close(fixture->listener);
    loop_free(fixture->loop);
    unlink(fixture->path);
    rmdir(fixture->directory);
    free(fixture);
    return 0;
}

#define TURN_UNTIL(loop, condition)                                                                \
    do {                                                                                           \
        for (int turns_ = 0; !(condition); turns_++) {                                             \
            assert_true(turns_ < MAX_TURNS);                                                       \
            loop_turn(loop, 100);                                                                  \
        }                                                                                          \
    } while (0)

static void connect_client(struct fixture *fixture)
{
    struct local_socket_config config = config_of(&fixture->client);

    assert_int_equal(
        local_socket_connect(fixture->loop, fixture->path, &config, &fixture->client.socket),
        ERR_NONE);
    TURN_UNTIL(fixture->loop, fixture->server.socket != NULL);
}

/* A client that is only a descriptor, so that a test can do what a local_socket never does. */
static int connect_raw(struct fixture *fixture)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_true(str_copy(str_of(fixture->path), address.sun_path, sizeof address.sun_path));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    TURN_UNTIL(fixture->loop, fixture->server.socket != NULL);
    return fd;
}

static void lines_go_both_ways(void **state)
{
    struct fixture *fixture = *state;

    connect_client(fixture);
    assert_true(local_socket_send(fixture->client.socket, STR("one")));
    assert_true(local_socket_send(fixture->client.socket, STR("")));
    assert_true(local_socket_send(fixture->server.socket, STR("two")));
    TURN_UNTIL(fixture->loop, fixture->server.lines == 2 && fixture->client.lines == 1);
    assert_true(str_eq(buf_str(&fixture->server.heard), STR("one\n\n")));
    assert_true(str_eq(buf_str(&fixture->client.heard), STR("two\n")));
    assert_int_equal(fixture->client.drained, 1);
    assert_int_equal(local_socket_peer_uid(fixture->server.socket), getuid());
}

static void a_line_may_come_byte_by_byte(void **state)
{
    struct fixture *fixture = *state;
    const char *text = "first\nsecond\n";
    int fd = connect_raw(fixture);

    for (const char *at = text; *at != '\0'; at++) {
        assert_int_equal(write(fd, at, 1), 1);
        loop_turn(fixture->loop, 100);
    }
    assert_true(str_eq(buf_str(&fixture->server.heard), str_of(text)));
    close(fd);
    TURN_UNTIL(fixture->loop, fixture->server.is_closed);
    assert_int_equal(fixture->server.why, ERR_CLOSED);
}

static void a_line_without_its_end_is_not_delivered(void **state)
{
    struct fixture *fixture = *state;
    int fd = connect_raw(fixture);

    assert_int_equal(write(fd, "whole\nhal", 9), 9);
    close(fd);
    TURN_UNTIL(fixture->loop, fixture->server.is_closed);
    assert_true(str_eq(buf_str(&fixture->server.heard), STR("whole\n")));
}

static void no_line_comes_while_paused(void **state)
{
    struct fixture *fixture = *state;

    connect_client(fixture);
    fixture->server.pauses = true;
    local_socket_send(fixture->client.socket, STR("one"));
    local_socket_send(fixture->client.socket, STR("two"));
    TURN_UNTIL(fixture->loop, fixture->server.lines == 1);
    for (int i = 0; i < 5; i++)
        loop_turn(fixture->loop, 0);
    assert_int_equal(fixture->server.lines, 1);
    local_socket_resume(fixture->server.socket);
    TURN_UNTIL(fixture->loop, fixture->server.lines == 2);
}

static void a_peer_that_leaves_while_paused_is_noticed(void **state)
{
    struct fixture *fixture = *state;
    int fd = connect_raw(fixture);

    local_socket_pause(fixture->server.socket);
    loop_turn(fixture->loop, 0);
    close(fd);
    TURN_UNTIL(fixture->loop, fixture->server.is_closed);
    assert_int_equal(fixture->server.why, ERR_CLOSED);
}

static void a_peer_that_ended_its_direction_still_gets_its_answer(void **state)
{
    struct fixture *fixture = *state;
    int fd = connect_raw(fixture);
    char got[16] = "";

    fixture->server.pauses = true;
    assert_int_equal(write(fd, "ask\n", 4), 4);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    TURN_UNTIL(fixture->loop, fixture->server.lines == 1);
    for (int i = 0; i < 5; i++)
        loop_turn(fixture->loop, 0);
    assert_false(fixture->server.is_closed);
    local_socket_send(fixture->server.socket, STR("answer"));
    local_socket_resume(fixture->server.socket);
    TURN_UNTIL(fixture->loop, fixture->server.is_closed);
    assert_int_equal(read(fd, got, sizeof got), 7);
    assert_string_equal(got, "answer\n");
    close(fd);
}

static void a_line_of_the_bound_passes_and_one_byte_more_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char line[MAX_LINE + 1];

    connect_client(fixture);
    memset(line, 'x', sizeof line);
    local_socket_send(fixture->client.socket, (struct str){line, MAX_LINE});
    TURN_UNTIL(fixture->loop, fixture->server.lines == 1);
    assert_int_equal(fixture->server.too_long, 0);
    local_socket_send(fixture->client.socket, (struct str){line, MAX_LINE + 1});
    TURN_UNTIL(fixture->loop, fixture->server.is_closed && fixture->client.is_closed);
    assert_int_equal(fixture->server.lines, 1);
    assert_int_equal(fixture->server.too_long, 1);
    assert_int_equal(fixture->server.why, ERR_TOO_LARGE);
    assert_true(str_eq(buf_str(&fixture->client.heard), STR("too long\n")));
}

static void a_line_that_never_ends_is_refused_at_the_bound(void **state)
{
    struct fixture *fixture = *state;
    int fd = connect_raw(fixture);

    for (int i = 0; i <= MAX_LINE; i++)
        assert_int_equal(write(fd, "x", 1), 1);
    TURN_UNTIL(fixture->loop, fixture->server.is_closed);
    assert_int_equal(fixture->server.why, ERR_TOO_LARGE);
    close(fd);
}

static void a_peer_that_does_not_read_is_closed_at_the_bound(void **state)
{
    struct fixture *fixture = *state;
    static char line[64 * 1024];
    int fd = connect_raw(fixture);
    size_t sent = 0;

    memset(line, 'x', sizeof line);
    while (local_socket_send(fixture->server.socket, (struct str){line, sizeof line})) {
        sent += sizeof line;
        assert_true(sent <= MAX_QUEUED);
    }
    TURN_UNTIL(fixture->loop, fixture->server.is_closed);
    assert_int_equal(fixture->server.why, ERR_FULL);
    assert_int_equal(fixture->server.drained, 0);
    close(fd);
}

static void much_output_drains_to_a_peer_that_reads(void **state)
{
    struct fixture *fixture = *state;
    static char line[MAX_LINE];
    int count = 20000;

    connect_client(fixture);
    memset(line, 'y', sizeof line);
    for (int i = 0; i < count; i++)
        assert_true(local_socket_send(fixture->server.socket, (struct str){line, sizeof line}));
    TURN_UNTIL(fixture->loop, fixture->client.lines == count);
    assert_int_equal(fixture->server.drained, 1);
}

static void closing_flushes_what_was_said(void **state)
{
    struct fixture *fixture = *state;

    connect_client(fixture);
    local_socket_send(fixture->server.socket, STR("goodbye"));
    local_socket_close(fixture->server.socket);
    assert_false(fixture->server.is_closed);
    assert_false(local_socket_send(fixture->server.socket, STR("too late")));
    TURN_UNTIL(fixture->loop, fixture->client.is_closed);
    assert_int_equal(fixture->server.why, ERR_NONE);
    assert_true(str_eq(buf_str(&fixture->client.heard), STR("goodbye\n")));
}

static void a_refusal_is_read_even_when_the_question_could_not_be_sent(void **state)
{
    struct fixture *fixture = *state;

    connect_client(fixture);
    local_socket_send(fixture->server.socket, STR("full"));
    local_socket_close(fixture->server.socket);
    local_socket_send(fixture->client.socket, STR("question"));
    TURN_UNTIL(fixture->loop, fixture->client.is_closed);
    assert_true(str_eq(buf_str(&fixture->client.heard), STR("full\n")));
}

static void connecting_says_why_it_failed(void **state)
{
    struct fixture *fixture = *state;
    struct local_socket_config config = config_of(&fixture->client);
    struct local_socket **out = &fixture->client.socket;
    char path[200];

    assert_int_equal(local_socket_connect(fixture->loop, "/nonexistent/socket", &config, out),
                     ERR_NOT_FOUND);
    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_int_equal(local_socket_connect(fixture->loop, path, &config, out), ERR_INVALID);
    local_listener_close(fixture->listener);
    fixture->listener = NULL;
    assert_int_equal(local_socket_connect(fixture->loop, fixture->path, &config, out),
                     ERR_NOT_FOUND);
    assert_null(fixture->client.socket);
}

/* Leaves the file of a socket behind that nobody listens on, as a killed server does. */
static void leave_stale_socket(struct fixture *fixture)
{
    char other[80];

    snprintf(other, sizeof other, "%s.kept", fixture->path);
    assert_int_equal(link(fixture->path, other), 0);
    local_listener_close(fixture->listener);
    fixture->listener = NULL;
    assert_int_equal(rename(other, fixture->path), 0);
}

static void the_file_of_a_dead_server_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct local_socket_config config = config_of(&fixture->client);

    leave_stale_socket(fixture);
    assert_int_equal(
        local_socket_connect(fixture->loop, fixture->path, &config, &fixture->client.socket),
        ERR_CLOSED);
    assert_int_equal(listen_again(fixture, NULL, &fixture->listener), ERR_NONE);
    connect_client(fixture);
}

static void the_socket_of_a_live_server_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct local_listener *second = NULL;
    struct problem problem = {.err = ERR_NONE};

    assert_int_equal(listen_again(fixture, &problem, &second), ERR_EXISTS);
    assert_null(second);
    assert_non_null(strstr(problem.text, "another server listens"));
    assert_int_equal(access(fixture->path, F_OK), 0);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = {.err = ERR_NONE};
    int fd;

    local_listener_close(fixture->listener);
    fixture->listener = NULL;
    fd = open(fixture->path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(listen_again(fixture, &problem, &fixture->listener), ERR_EXISTS);
    assert_non_null(strstr(problem.text, "is no socket"));
    assert_int_equal(access(fixture->path, F_OK), 0);
}

static void only_the_owner_may_open_the_socket(void **state)
{
    struct fixture *fixture = *state;
    struct stat found;

    assert_int_equal(stat(fixture->path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
}

static void closing_the_listener_removes_its_file(void **state)
{
    struct fixture *fixture = *state;

    local_listener_close(fixture->listener);
    fixture->listener = NULL;
    assert_int_not_equal(access(fixture->path, F_OK), 0);
    local_listener_close(NULL);
}

static void a_path_too_long_for_a_socket_is_refused_with_a_reason(void **state)
{
    struct fixture *fixture = *state;
    struct problem problem = {.err = ERR_NONE};
    struct local_listener *listener = NULL;
    char path[200];
    struct local_listener_config config = {path, on_accept, fixture};

    memset(path, 'p', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_int_equal(local_listener_open(fixture->loop, &config, &problem, &listener), ERR_INVALID);
    assert_non_null(strstr(problem.text, "1 to 107 bytes"));
    config.path = "/nonexistent/socket";
    assert_int_equal(local_listener_open(fixture->loop, &config, &problem, &listener), ERR_IO);
    assert_null(listener);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(lines_go_both_ways),
        TEST(a_line_may_come_byte_by_byte),
        TEST(a_line_without_its_end_is_not_delivered),
        TEST(no_line_comes_while_paused),
        TEST(a_peer_that_leaves_while_paused_is_noticed),
        TEST(a_peer_that_ended_its_direction_still_gets_its_answer),
        TEST(a_line_of_the_bound_passes_and_one_byte_more_is_refused),
        TEST(a_line_that_never_ends_is_refused_at_the_bound),
        TEST(a_peer_that_does_not_read_is_closed_at_the_bound),
        TEST(much_output_drains_to_a_peer_that_reads),
        TEST(closing_flushes_what_was_said),
        TEST(a_refusal_is_read_even_when_the_question_could_not_be_sent),
        TEST(connecting_says_why_it_failed),
        TEST(the_file_of_a_dead_server_is_replaced),
        TEST(the_socket_of_a_live_server_is_refused),
        TEST(a_file_that_is_no_socket_is_left_alone),
        TEST(only_the_owner_may_open_the_socket),
        TEST(closing_the_listener_removes_its_file),
        TEST(a_path_too_long_for_a_socket_is_refused_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
