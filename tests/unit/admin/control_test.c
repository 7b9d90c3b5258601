#include "admin/control.h"

#include "admin_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_TURNS = 10000 };

/* A client that is only a descriptor, so that a test can do what ctl never does. */
static int connect_raw(struct admin_rig *rig)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    assert_true(str_copy(str_of(rig->path), address.sun_path, sizeof address.sun_path));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    loop_turn(rig->loop, 100);
    return fd;
}

static void settle(struct admin_rig *rig)
{
    for (int i = 0; i < 20; i++)
        loop_turn(rig->loop, 1);
}

/* What has come, NUL-terminated. */
static const char *receive(struct admin_rig *rig, int fd)
{
    static char text[4096];
    ssize_t got;

    settle(rig);
    got = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
    text[got > 0 ? got : 0] = '\0';
    return text;
}

/* All that comes until this text is in it. */
static const char *receive_until(struct admin_rig *rig, int fd, const char *text)
{
    static char all[4096];
    size_t len = 0;

    all[0] = '\0';
    for (int turns = 0; strstr(all, text) == NULL; turns++) {
        ssize_t got = recv(fd, all + len, sizeof all - 1 - len, MSG_DONTWAIT);

        assert_true(turns < MAX_TURNS);
        len += got > 0 ? (size_t)got : 0;
        all[len] = '\0';
        loop_turn(rig->loop, 10);
    }
    return all;
}

static void a_request_may_come_byte_by_byte(void **state)
{
    struct admin_rig *rig = *state;
    const char *line = "{\"verb\":\"log level\"}\n";
    int fd = connect_raw(rig);

    for (const char *at = line; *at != '\0'; at++) {
        assert_string_equal(receive(rig, fd), "");
        assert_int_equal(write(fd, at, 1), 1);
    }
    assert_string_equal(receive(rig, fd), "{\"ok\":true,\"result\":{\"level\":\"error\"}}\n");
    close(fd);
}

static void requests_in_one_piece_are_answered_in_their_order(void **state)
{
    struct admin_rig *rig = *state;
    const char *lines =
        "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\",\"secret\":\"S\"}}\n"
        "\n"
        "{\"verb\":\"nonsense\"}\n"
        "{\"verb\":\"app disable\",\"args\":{\"id\":\"A1\"}}\n";
    int fd = connect_raw(rig);
    const char *answers;

    assert_int_equal(write(fd, lines, strlen(lines)), strlen(lines));
    answers = receive_until(rig, fd, "\"disabled\":true}}\n");
    assert_non_null(answers = strstr(answers, "\"secret\":\"S\""));
    assert_non_null(answers =
                        strstr(answers, "{\"error\":{\"code\":\"invalid\",\"text\":\"no verb"));
    assert_non_null(strstr(answers, "{\"id\":\"A1\",\"disabled\":true}"));
    close(fd);
}

static void a_client_that_only_talks_still_gets_its_answer(void **state)
{
    struct admin_rig *rig = *state;
    int fd = connect_raw(rig);

    assert_int_equal(write(fd, "{\"verb\":\"log level\"}\n", 21), 21);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    assert_non_null(strstr(receive(rig, fd), "\"level\":\"error\""));
    assert_int_equal(recv(fd, &(char){0}, 1, 0), 0);
    close(fd);
}

static void more_clients_than_the_bound_are_refused_and_others_served(void **state)
{
    struct admin_rig *rig = *state;
    int fds[CONTROL_MAX_CLIENTS];

    loop_turn(rig->loop, 0); /* the rig's own client is the first */
    for (int i = 0; i < CONTROL_MAX_CLIENTS; i++)
        fds[i] = connect_raw(rig);
    assert_non_null(strstr(receive(rig, fds[CONTROL_MAX_CLIENTS - 1]),
                           "{\"error\":{\"code\":\"busy\",\"text\":\"too many clients"));
    assert_int_equal(recv(fds[CONTROL_MAX_CLIENTS - 1], &(char){0}, 1, 0), 0);
    admin_rig_do(rig, "{\"verb\":\"log level\"}");
    close(fds[0]);
    settle(rig);
    close(fds[CONTROL_MAX_CLIENTS - 1]);
    fds[0] = connect_raw(rig);
    assert_int_equal(write(fds[0], "{\"verb\":\"log level\"}\n", 21), 21);
    assert_non_null(strstr(receive(rig, fds[0]), "\"ok\":true"));
    for (int i = 0; i < CONTROL_MAX_CLIENTS - 1; i++)
        close(fds[i]);
}

static void a_line_beyond_the_bound_is_refused(void **state)
{
    struct admin_rig *rig = *state;
    char *line = malloc(CONTROL_MAX_LINE + 2);

    memset(line, ' ', CONTROL_MAX_LINE + 1);
    line[CONTROL_MAX_LINE + 1] = '\0';
    assert_non_null(strstr(admin_rig_ask(rig, line), "{\"error\":{\"code\":\"too_large\""));
    settle(rig);
    assert_null(rig->client);
    free(line);
}

static void a_client_that_leaves_does_not_stop_what_it_asked_for(void **state)
{
    struct admin_rig *rig = *state;
    int fd = connect_raw(rig);
    const char *line = "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\"}}\n";

    assert_int_equal(write(fd, line, strlen(line)), strlen(line));
    loop_turn(rig->loop, 100); /* it is under way */
    close(fd);
    admin_rig_expect_refusal(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\"}}", "exists",
                             "there is an app 'A1' already");
}

static void a_client_that_leaves_in_the_middle_of_a_list_ends_it(void **state)
{
    struct admin_rig *rig = *state;
    char line[512];
    int fd;

    for (int i = 0; i < 401; i++) {
        snprintf(line, sizeof line,
                 "{\"verb\":\"app create\",\"args\":{\"id\":\"A%d\",\"name\":\"%0100d\"}}", i, 0);
        admin_rig_do(rig, line);
    }
    fd = connect_raw(rig);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){4096}, sizeof(int)), 0);
    assert_int_equal(write(fd, "{\"verb\":\"app list\"}\n", 20), 20);
    settle(rig);
    close(fd);
    settle(rig);
    admin_rig_disconnect(rig);
    admin_stop(rig->admin);
    settle(rig);
    assert_true(admin_is_idle(rig->admin));
}

static void the_log_level_is_shown_and_changed_at_once(void **state)
{
    struct admin_rig *rig = *state;

    assert_false(log_is_on(rig->log, LOG_WARN));
    assert_non_null(
        strstr(admin_rig_do(rig, "{\"verb\":\"log level\",\"args\":{\"level\":\"warn\"}}"),
               "{\"level\":\"warn\"}"));
    assert_true(log_is_on(rig->log, LOG_WARN));
    assert_false(log_is_on(rig->log, LOG_INFO));
    admin_rig_expect_refusal(rig, "{\"verb\":\"log level\",\"args\":{\"level\":\"loud\"}}",
                             "invalid", "'level' must be error, warn, info or debug");
}

static void the_status_says_whether_the_server_is_ready(void **state)
{
    struct admin_rig *rig = *state;

    assert_non_null(strstr(admin_rig_do(rig, "{\"verb\":\"status\"}"),
                           "{\"version\":\"1.2.3\",\"node\":\"node-a\",\"ready\":true,"
                           "\"reasons\":[]"));
    rig->is_draining = true;
    rig->is_listening = false;
    assert_non_null(
        strstr(admin_rig_do(rig, "{\"verb\":\"status\"}"),
               "\"ready\":false,\"reasons\":[\"draining\",\"a listener is not open\"]"));
}

static void on_nothing(void *ctx, const struct bus_event *event)
{
    (void)ctx;
    (void)event;
}

/* A worker that hears nothing, until the test lets it. */
static struct mailbox *fall_behind(struct admin_rig *rig)
{
    const struct bus_event event = {.topic = BUS_APP_CHANGED};
    struct mailbox *mailbox = mailbox_new();

    bus_subscribe(rig->bus, mailbox, on_nothing, rig);
    while (bus_publish(rig->bus, &event) == ERR_NONE) {
        loop_turn(rig->loop, 0);
        rig->event_count = 0;
    }
    return mailbox;
}

static void a_worker_that_lags_is_waited_for(void **state)
{
    struct admin_rig *rig = *state;
    struct mailbox *mailbox;

    admin_rig_do(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\"}}");
    mailbox = fall_behind(rig);
    rig->is_answered = false;
    assert_true(
        local_socket_send(rig->client, STR("{\"verb\":\"app disable\",\"args\":{\"id\":\"A1\"}}")));
    settle(rig);
    assert_false(rig->is_answered);
    assert_true(mailbox_deliver(mailbox) > 0);
    while (!rig->is_answered)
        loop_turn(rig->loop, 1000);
    assert_int_equal(rig->event_count, 1);
    mailbox_deliver(mailbox);
    mailbox_free(mailbox);
}

static void a_worker_that_lags_too_long_is_told_of(void **state)
{
    struct admin_rig *rig = *state;
    struct mailbox *mailbox;

    admin_rig_do(rig, "{\"verb\":\"app create\",\"args\":{\"id\":\"A1\"}}");
    mailbox = fall_behind(rig);
    admin_rig_expect_refusal(rig, "{\"verb\":\"app disable\",\"args\":{\"id\":\"A1\"}}", "full",
                             "it is committed, but a worker is too busy to be told");
    mailbox_deliver(mailbox);
    mailbox_free(mailbox);
}

static void a_second_server_is_refused_and_leaves_the_first_alone(void **state)
{
    struct admin_rig *rig = *state;
    struct problem problem = {.err = ERR_NONE};
    struct admin *second = NULL;

    assert_int_equal(admin_open(&rig->config, &problem, &second), ERR_EXISTS);
    assert_null(second);
    assert_non_null(strstr(problem.text, "another server listens"));
    admin_rig_do(rig, "{\"verb\":\"log level\"}");
}

static void an_admin_without_socket_has_nothing_to_wait_for(void **state)
{
    struct admin_rig *rig = *state;
    struct admin *second = NULL;
    size_t count;

    rig->config.socket_path = NULL;
    assert_int_equal(admin_open(&rig->config, NULL, &second), ERR_NONE);
    assert_non_null(admin_routes(second, &count));
    assert_int_equal(count, 3);
    admin_stop(second);
    assert_true(admin_is_idle(second));
    admin_close(second);
    admin_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, admin_rig_open, admin_rig_close)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_request_may_come_byte_by_byte),
        TEST(requests_in_one_piece_are_answered_in_their_order),
        TEST(a_client_that_only_talks_still_gets_its_answer),
        TEST(more_clients_than_the_bound_are_refused_and_others_served),
        TEST(a_line_beyond_the_bound_is_refused),
        TEST(a_client_that_leaves_does_not_stop_what_it_asked_for),
        TEST(a_client_that_leaves_in_the_middle_of_a_list_ends_it),
        TEST(the_log_level_is_shown_and_changed_at_once),
        TEST(the_status_says_whether_the_server_is_ready),
        TEST(a_worker_that_lags_is_waited_for),
        TEST(a_worker_that_lags_too_long_is_told_of),
        TEST(a_second_server_is_refused_and_leaves_the_first_alone),
        TEST(an_admin_without_socket_has_nothing_to_wait_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
