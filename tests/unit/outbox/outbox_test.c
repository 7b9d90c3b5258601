#include "outbox/outbox.h"

#include "far_end.h"
#include "loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_WAITING = 3 };

struct bench {
    struct loop *loop;
    struct outbox *outbox;
    struct metric_set *metrics;
    int results;
    struct parcel_result result;
};

static void on_result(void *ctx, const struct parcel_result *result)
{
    struct bench *bench = ctx;

    bench->result = *result;
    bench->results++;
}

static int set_up(void **state)
{
    struct bench *bench = *state = calloc(1, sizeof *bench);
    struct problem problem;

    bench->loop = loop_new();
    bench->metrics = metric_set_new();

    const struct outbox_config config = {
        .ca_file = "",
        .proxy = "",
        .connect_ms = 5000,
        .total_ms = 5000,
        .max_connections = 2,
        .max_waiting = MAX_WAITING,
        .metrics = bench->metrics,
    };

    setenv("http_proxy", "http://127.0.0.1:1/", 1); /* nothing of it counts */
    setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
    assert_int_equal(outbox_open(&config, &problem, &bench->outbox), ERR_NONE);
    assert_int_equal(outbox_start(bench->outbox), ERR_NONE);
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    outbox_end(bench->outbox, 0);
    loop_turn(bench->loop, 0);
    outbox_close(bench->outbox);
    metric_set_free(bench->metrics);
    loop_free(bench->loop);
    free(bench);
    return 0;
}

static void send_parcel(struct bench *bench, const struct parcel *parcel)
{
    assert_int_equal(
        outbox_send(bench->outbox, loop_mailbox(bench->loop), parcel, on_result, bench), ERR_NONE);
}

static const char *url_of(unsigned short port, const char *scheme, char out[64])
{
    snprintf(out, 64, "%s://127.0.0.1:%u%s", scheme, port, scheme[0] == 'h' ? "/hook" : "");
    return out;
}

/* Sends a POST to a server of that answer; its text, when given, must hold `expect`. */
static void post_to(struct bench *bench, const char *answer, const char *expect)
{
    const struct far_end_step steps[] = {{"{\"a\":1}", answer}, {NULL, NULL}};
    struct far_end *end = far_end_open(steps);
    char url[64];
    const struct parcel parcel = {.kind = PARCEL_POST,
                                  .url = url_of(far_end_port(end), "http", url),
                                  .body = STR("{\"a\":1}"),
                                  .headers = {"X-Test: yes"}};
    struct str told;
    char text[2048];

    bench->results = 0;
    send_parcel(bench, &parcel);
    loopback_run_until(bench->loop, &bench->results);
    told = far_end_close(end);
    assert_true(str_copy(told, text, sizeof text));
    if (expect != NULL)
        assert_non_null(strstr(text, expect));
    far_end_free(end);
}

static void a_post_arrives_with_its_headers_and_body(void **state)
{
    struct bench *bench = *state;
    static const char answer[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";

    post_to(bench, answer, "POST /hook HTTP/1.1\r\n");
    assert_int_equal(bench->result.err, ERR_NONE);
    assert_int_equal(bench->result.status, 204);
    post_to(bench, answer, "\r\nX-Test: yes\r\n");
    post_to(bench, answer, "\r\nContent-Type: application/json\r\n");
    post_to(bench, answer, "\r\n\r\n{\"a\":1}");
}

static void an_answer_that_is_no_success_is_told_with_its_status(void **state)
{
    struct bench *bench = *state;

    post_to(bench, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", NULL);
    assert_int_equal(bench->result.err, ERR_DENIED);
    assert_int_equal(bench->result.status, 503);
    assert_string_equal(bench->result.reason, "status 503");
}

/* Who answers so would otherwise choose what we connect to. */
static void a_redirect_is_not_followed(void **state)
{
    struct bench *bench = *state;
    static const struct far_end_step steps[] = {{NULL, NULL}};
    struct far_end *trap = far_end_open(steps);
    char answer[160];

    snprintf(answer, sizeof answer,
             "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/\r\nContent-Length: 0\r\n"
             "Connection: close\r\n\r\n",
             far_end_port(trap));
    post_to(bench, answer, NULL);
    assert_int_equal(bench->result.err, ERR_DENIED);
    assert_int_equal(bench->result.status, 302);
    assert_int_equal(far_end_close(trap).len, 0);
    far_end_free(trap);
}

static void an_answer_without_end_is_cut_off(void **state)
{
    struct bench *bench = *state;
    char *answer = calloc(1, 200001);

    memset(answer, 'x', 200000);
    memcpy(answer, "HTTP/1.1 200 OK\r\n\r\n", 19);
    post_to(bench, answer, NULL);
    assert_int_equal(bench->result.err, ERR_IO);
    free(answer);
}

static void nobody_there_is_told(void **state)
{
    struct bench *bench = *state;
    unsigned short port;
    int listener = loopback_listen(&port);
    char url[64];
    const struct parcel parcel = {.url = url_of(port, "http", url), .body = STR("{}")};

    close(listener);
    send_parcel(bench, &parcel);
    loopback_run_until(bench->loop, &bench->results);
    assert_int_equal(bench->result.err, ERR_UNAVAILABLE);
    assert_int_equal(bench->result.status, 0);
}

static const struct far_end_step mail_server[] = {
    {NULL, "220 here\r\n"},        {"\r\n", "250-here\r\n250 8BITMIME\r\n"},
    {">\r\n", "250 ok\r\n"},       {"RCPT TO:<ann@example.org>\r\n", "250 ok\r\n"},
    {"DATA\r\n", "354 go on\r\n"}, {"\r\n.\r\n", "250 taken\r\n"},
    {"QUIT\r\n", "221 bye\r\n"},   {NULL, NULL},
};

static struct parcel mail_to(unsigned short port, char url[64], struct str body)
{
    return (struct parcel){.kind = PARCEL_MAIL,
                           .url = url_of(port, "smtp", url),
                           .body = body,
                           .from = "switchyard@example.org",
                           .to = "ann@example.org",
                           .is_plain = true};
}

/* A line that begins with a dot would end it; SMTP has it doubled (RFC 5321, 4.5.2). */
static void a_mail_arrives_whole(void **state)
{
    struct bench *bench = *state;
    struct far_end *end = far_end_open(mail_server);
    char url[64];
    char text[1024];
    const struct parcel parcel =
        mail_to(far_end_port(end), url, STR("Subject: x\r\n\r\nHello\r\n.dot\r\n"));

    send_parcel(bench, &parcel);
    loopback_run_until(bench->loop, &bench->results);
    assert_int_equal(bench->result.err, ERR_NONE);
    outbox_end(bench->outbox, 1000);
    assert_true(str_copy(far_end_close(end), text, sizeof text));
    assert_non_null(strstr(text, "MAIL FROM:<switchyard@example.org>"));
    assert_non_null(strstr(text, "Subject: x\r\n\r\nHello\r\n..dot\r\n.\r\n"));
    far_end_free(end);
}

static void a_mail_server_without_tls_gets_no_mail_unless_it_may(void **state)
{
    struct bench *bench = *state;
    struct far_end *end = far_end_open(mail_server);
    char url[64];
    char text[1024];
    struct parcel parcel = mail_to(far_end_port(end), url, STR("secret"));

    parcel.is_plain = false;
    send_parcel(bench, &parcel);
    loopback_run_until(bench->loop, &bench->results);
    assert_int_equal(bench->result.err, ERR_DENIED);
    assert_true(str_copy(far_end_close(end), text, sizeof text));
    assert_null(strstr(text, "MAIL"));
    far_end_free(end);
}

static void a_mail_server_that_refuses_is_told(void **state)
{
    struct bench *bench = *state;
    static const struct far_end_step steps[] = {
        {NULL, "220 here\r\n"},
        {"\r\n", "250 here\r\n"},
        {">\r\n", "250 ok\r\n"},
        {">\r\n", "550 nobody\r\n"},
        {NULL, NULL},
    };
    struct far_end *end = far_end_open(steps);
    char url[64];
    const struct parcel parcel = mail_to(far_end_port(end), url, STR("text"));

    send_parcel(bench, &parcel);
    loopback_run_until(bench->loop, &bench->results);
    assert_int_not_equal(bench->result.err, ERR_NONE);
    assert_null(strstr(bench->result.reason, "nobody"));
    far_end_close(end);
    far_end_free(end);
}

/* A server that accepts and says nothing holds them. */
static void more_than_the_bound_are_refused(void **state)
{
    struct bench *bench = *state;
    unsigned short port;
    int listener = loopback_listen(&port);
    char url[64];
    const struct parcel parcel = {.url = url_of(port, "http", url), .body = STR("{}")};

    for (int i = 0; i < MAX_WAITING; i++)
        send_parcel(bench, &parcel);
    assert_int_equal(
        outbox_send(bench->outbox, loop_mailbox(bench->loop), &parcel, on_result, bench), ERR_FULL);
    outbox_end(bench->outbox, 0);
    close(listener);
    loop_turn(bench->loop, 0);
    assert_int_equal(bench->results, MAX_WAITING);
    assert_int_equal(bench->result.err, ERR_CLOSED);
    assert_int_equal(metric_total(&bench->metrics, 1, METRIC_OUTBOX_WAITING), 0);
    assert_int_equal(metric_total(&bench->metrics, 1, METRIC_OUTBOX_FAILED), MAX_WAITING);
}

static void what_is_under_way_has_time_to_end(void **state)
{
    struct bench *bench = *state;
    static const struct far_end_step steps[] = {
        {"{}", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"}, {NULL, NULL}};
    struct far_end *end = far_end_open(steps);
    char url[64];
    const struct parcel parcel = {.url = url_of(far_end_port(end), "http", url), .body = STR("{}")};

    send_parcel(bench, &parcel);
    outbox_end(bench->outbox, 60000);
    loop_turn(bench->loop, 0);
    assert_int_equal(bench->results, 1);
    assert_int_equal(bench->result.err, ERR_NONE);
    far_end_close(end);
    far_end_free(end);
}

static void a_text_that_breaks_its_bound_is_refused(void **state)
{
    struct bench *bench = *state;
    const struct parcel parcel = {.url = "http://127.0.0.1/", .headers = {"X: 1\r\nY: 2"}};

    assert_int_equal(outbox_send(bench->outbox, NULL, &parcel, NULL, NULL), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_post_arrives_with_its_headers_and_body, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_answer_that_is_no_success_is_told_with_its_status,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_redirect_is_not_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_answer_without_end_is_cut_off, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_there_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mail_arrives_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mail_server_without_tls_gets_no_mail_unless_it_may,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_mail_server_that_refuses_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_than_the_bound_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_under_way_has_time_to_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_text_that_breaks_its_bound_is_refused, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
