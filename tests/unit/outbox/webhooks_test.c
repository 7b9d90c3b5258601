#include "outbox/webhooks.h"

#include "far_end.h"
#include "loopback.h"

#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_AGE = 60 * 1000, MANY = 1000 };

static const char OK[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
static const char NO[] = "HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/* A server's outbox and webhooks over a store in memory, and a loop of the test's own. */
struct yard {
    struct loop *loop;
    struct store *store;
    struct outbox *outbox;
    struct webhooks *webhooks;
    struct metric_set *metrics;
    int done;
    enum err err;
};

static void on_done(void *ctx, enum err err)
{
    struct yard *yard = ctx;

    yard->err = err;
    yard->done = 1;
}

static void wait_for(struct yard *yard)
{
    loopback_run_until(yard->loop, &yard->done);
    yard->done = 0;
}

static void start(struct yard *yard)
{
    const struct outbox_config outbox = {
        .ca_file = "",
        .proxy = "",
        .connect_ms = 5000,
        .total_ms = 5000,
        .max_connections = 4,
        .max_waiting = 8,
        .metrics = yard->metrics,
    };
    struct webhooks_config webhooks = {
        .store = yard->store,
        .metrics = yard->metrics,
        .retry_ms = 20,
        .max_retry_ms = 50,
        .max_age_ms = MAX_AGE,
        .max_waiting = MANY,
    };
    struct problem problem;

    assert_int_equal(outbox_open(&outbox, &problem, &yard->outbox), ERR_NONE);
    webhooks.outbox = yard->outbox;
    assert_int_equal(webhooks_open(&webhooks, &yard->webhooks), ERR_NONE);
    assert_int_equal(outbox_start(yard->outbox), ERR_NONE);
}

static void stop(struct yard *yard)
{
    outbox_end(yard->outbox, 0);
    webhooks_close(yard->webhooks);
    outbox_close(yard->outbox);
    yard->webhooks = NULL;
    yard->outbox = NULL;
}

static int set_up(void **state)
{
    const struct store_config config = {.max_waiting = 4096};
    struct yard *yard = *state = calloc(1, sizeof *yard);
    struct problem problem;

    assert_int_equal(crypto_init(), ERR_NONE);
    yard->loop = loop_new();
    yard->metrics = metric_set_new();
    assert_int_equal(store_open(&config, &problem, &yard->store), ERR_NONE);
    start(yard);
    return 0;
}

static int tear_down(void **state)
{
    struct yard *yard = *state;

    if (yard->outbox != NULL)
        stop(yard);
    store_close(yard->store);
    loop_turn(yard->loop, 0);
    loop_free(yard->loop);
    metric_set_free(yard->metrics);
    free(yard);
    return 0;
}

static void reload(struct yard *yard)
{
    webhooks_reload(yard->webhooks, loop_mailbox(yard->loop), on_done, yard);
    wait_for(yard);
    assert_int_equal(yard->err, ERR_NONE);
}

static void add(struct yard *yard, const char *id, unsigned short port)
{
    struct webhook_record webhook = {.secret = "s", .kinds = WEBHOOKS_ONLINE};

    snprintf(webhook.id, sizeof webhook.id, "%s", id);
    snprintf(webhook.url, sizeof webhook.url, "http://127.0.0.1:%u/%s", port, id);
    assert_int_equal(
        store_webhook_create(yard->store, loop_mailbox(yard->loop), &webhook, on_done, yard),
        ERR_NONE);
    wait_for(yard);
    reload(yard);
}

static void take_away(struct yard *yard, const char *id)
{
    assert_int_equal(
        store_webhook_remove(yard->store, loop_mailbox(yard->loop), str_of(id), on_done, yard),
        ERR_NONE);
    wait_for(yard);
    reload(yard);
}

static void tell_at(struct yard *yard, int number, int64_t at_ms)
{
    char body[64];
    struct webhooks_event event = {.kind = WEBHOOKS_ONLINE, .at_ms = at_ms};

    snprintf(body, sizeof body, "{\"id\":\"e%d\"}", number);
    event.body = str_of(body);
    webhooks_tell(yard->webhooks, &event);
}

static void tell(struct yard *yard, int number)
{
    tell_at(yard, number, loop_wall_ms(yard->loop));
}

static void wait_until_counted(struct yard *yard, enum metric metric, int64_t count)
{
    for (int i = 0; metric_total(&yard->metrics, 1, metric) < count; i++) {
        assert_true(i < 6000);
        usleep(10 * 1000);
    }
}

/* What was told has all of these, in their order. */
static void check_told(struct str told, int first, int last)
{
    char *text = malloc(told.len + 1);
    char *at = text;

    assert_true(str_copy(told, text, told.len + 1));
    for (int number = first; number <= last; number++) {
        char wanted[32];
        char *found;

        snprintf(wanted, sizeof wanted, "\"id\":\"e%d\"}", number);
        found = strstr(at, wanted);
        assert_non_null(found);
        at = found;
    }
    free(text);
}

static void events_are_told_in_their_order(void **state)
{
    struct yard *yard = *state;
    const struct far_end_step steps[] = {{"]}", OK}, {NULL, NULL}};
    struct far_end *end = far_end_open(steps);

    assert_false(webhooks_want(yard->webhooks, WEBHOOKS_ONLINE));
    add(yard, "w", far_end_port(end));
    assert_true(webhooks_want(yard->webhooks, WEBHOOKS_ONLINE));
    assert_false(webhooks_want(yard->webhooks, WEBHOOKS_UPDATE));
    for (int i = 1; i <= 300; i++)
        tell(yard, i);
    wait_until_counted(yard, METRIC_WEBHOOK_TOLD, 300);
    check_told(far_end_close(end), 1, 300);
    assert_int_equal(metric_total(&yard->metrics, 1, METRIC_WEBHOOK_QUEUED), 300);
    far_end_free(end);
}

static void what_fails_is_told_again(void **state)
{
    struct yard *yard = *state;
    const struct far_end_step no[] = {{"]}", NO}, {NULL, NULL}};
    struct far_end *end = far_end_open(no);
    struct webhook_line_status status;

    add(yard, "w", far_end_port(end));
    tell(yard, 1);
    wait_until_counted(yard, METRIC_WEBHOOK_FAILED, 3);
    assert_true(webhooks_status(yard->webhooks, "w", &status));
    assert_true(status.failures >= 3);
    assert_int_equal(status.last_error, 503);
    assert_string_equal(status.reason, "status 503");
    assert_int_equal(status.told_ms, 0);
    assert_int_equal(metric_total(&yard->metrics, 1, METRIC_WEBHOOK_TOLD), 0);
    assert_false(webhooks_status(yard->webhooks, "other", &status));
    far_end_close(end);
    far_end_free(end);
}

static void on_tally(void *ctx, enum err err, const struct webhook_tally *tally)
{
    assert_int_equal(tally->queued, 1);
    on_done(ctx, err);
}

/* As a process leaves them that was killed. */
static void what_waits_is_told_after_a_start(void **state)
{
    struct yard *yard = *state;
    const struct far_end_step steps[] = {{"]}", OK}, {NULL, NULL}};
    struct far_end *end = far_end_open(steps);

    add(yard, "w", far_end_port(end));
    stop(yard);
    for (int i = 1; i <= 3; i++) {
        char body[64];
        struct webhook_event event = {
            .kind = WEBHOOKS_ONLINE, .at_ms = loop_wall_ms(yard->loop), .max_waiting = MANY};

        snprintf(body, sizeof body, "{\"id\":\"e%d\"}", i);
        event.body = str_of(body);
        assert_int_equal(
            store_webhook_tell(yard->store, loop_mailbox(yard->loop), &event, on_tally, yard),
            ERR_NONE);
        wait_for(yard);
    }
    start(yard);
    wait_until_counted(yard, METRIC_WEBHOOK_TOLD, 3);
    check_told(far_end_close(end), 1, 3);
    far_end_free(end);
}

static void events_that_are_too_old_are_given_up(void **state)
{
    struct yard *yard = *state;
    const struct far_end_step ok[] = {{"]}", OK}, {NULL, NULL}};
    struct far_end *end = far_end_open(ok);
    struct str told;
    char text[2048];

    add(yard, "w", far_end_port(end));
    tell_at(yard, 1, 1000);
    tell_at(yard, 2, 1000);
    wait_until_counted(yard, METRIC_WEBHOOK_DROPPED, 2);
    tell(yard, 3);
    wait_until_counted(yard, METRIC_WEBHOOK_TOLD, 1);
    told = far_end_close(end);
    check_told(told, 3, 3);
    assert_true(str_copy(told, text, sizeof text));
    assert_null(strstr(text, "\"e1\""));
    assert_null(strstr(text, "\"e2\""));
    far_end_free(end);
}

/* One that stands still does not hold the others up. */
static void webhooks_do_not_wait_for_each_other(void **state)
{
    struct yard *yard = *state;
    const struct far_end_step ok[] = {{"]}", OK}, {NULL, NULL}};
    struct far_end *end = far_end_open(ok);
    unsigned short port;
    int listener = loopback_listen(&port);

    add(yard, "silent", port);
    add(yard, "w", far_end_port(end));
    for (int i = 1; i <= 20; i++)
        tell(yard, i);
    wait_until_counted(yard, METRIC_WEBHOOK_TOLD, 20);
    stop(yard);
    close(listener);
    check_told(far_end_close(end), 1, 20);
    far_end_free(end);
}

static void one_that_is_removed_while_it_is_told_goes(void **state)
{
    struct yard *yard = *state;
    unsigned short port;
    int listener = loopback_listen(&port);
    struct webhook_line_status status;

    add(yard, "w", port);
    tell(yard, 1);
    wait_until_counted(yard, METRIC_OUTBOX_WAITING, 1);
    take_away(yard, "w");
    assert_false(webhooks_status(yard->webhooks, "w", &status));
    assert_false(webhooks_want(yard->webhooks, WEBHOOKS_ONLINE));
    stop(yard);
    close(listener);
}

/* The store lets two wait at a time; what comes meanwhile is not lost, and stays in order. */
static void a_store_that_is_too_busy_costs_no_event(void **state)
{
    struct yard *yard = *state;
    const struct far_end_step ok[] = {{"]}", OK}, {NULL, NULL}};
    const struct store_config small = {.max_waiting = 2};
    struct far_end *end = far_end_open(ok);
    struct problem problem;

    stop(yard);
    store_close(yard->store);
    assert_int_equal(store_open(&small, &problem, &yard->store), ERR_NONE);
    start(yard);
    add(yard, "w", far_end_port(end));
    for (int i = 1; i <= 200; i++)
        tell(yard, i);
    wait_until_counted(yard, METRIC_WEBHOOK_TOLD, 200);
    assert_int_equal(metric_total(&yard->metrics, 1, METRIC_WEBHOOK_LOST), 0);
    check_told(far_end_close(end), 1, 200);
    far_end_free(end);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(events_are_told_in_their_order),
        TEST(what_fails_is_told_again),
        TEST(what_waits_is_told_after_a_start),
        TEST(events_that_are_too_old_are_given_up),
        TEST(webhooks_do_not_wait_for_each_other),
        TEST(one_that_is_removed_while_it_is_told_goes),
        TEST(a_store_that_is_too_busy_costs_no_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
