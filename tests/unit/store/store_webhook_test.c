#include "store/store_webhook.h"

#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANN "a4e77f7e-2116-4215-b961-6f3fc5982667"
#define BEN "b4e77f7e-2116-4215-b961-6f3fc5982667"

enum { ONLINE = 1, OFFLINE = 2, UPDATE = 4, MANY = 1000 };

struct heard {
    struct store_answer answer;
    struct webhook_tally tally;
    struct webhook_record webhooks[STORE_WEBHOOKS_MAX];
    size_t count;
    char text[4096]; /* of events: "1:body 2:body " */
    size_t bytes;
};

static enum err create(struct store_fixture *fx, const char *id, const char *apikey, unsigned kinds)
{
    struct webhook_record webhook = {.url = "https://x.org/", .secret = "s", .kinds = kinds};
    struct store_answer answer = {0};

    snprintf(webhook.id, sizeof webhook.id, "%s", id);
    snprintf(webhook.apikey, sizeof webhook.apikey, "%s", apikey);
    assert_int_equal(
        store_webhook_create(fx->store, fx->mailbox, &webhook, store_fixture_on_done, &answer),
        ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

static void on_tally(void *ctx, enum err err, const struct webhook_tally *tally)
{
    struct heard *heard = ctx;

    if (err == ERR_NONE)
        heard->tally = *tally;
    store_fixture_on_done(&heard->answer, err);
}

static struct webhook_tally tell(struct store_fixture *fx, unsigned kind, const char *apikey,
                                 const char *body, uint64_t max_waiting)
{
    const struct webhook_event event = {.kind = kind,
                                        .apikey = str_of(apikey),
                                        .at_ms = 77,
                                        .body = str_of(body),
                                        .max_waiting = max_waiting};
    static struct heard heard;

    heard = (struct heard){0};
    assert_int_equal(store_webhook_tell(fx->store, fx->mailbox, &event, on_tally, &heard),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &heard.answer), ERR_NONE);
    return heard.tally;
}

static void on_waiting(void *ctx, enum err err, const struct webhook_waiting *event)
{
    struct heard *heard = ctx;
    size_t len = strlen(heard->text);

    if (event == NULL) {
        store_fixture_on_done(&heard->answer, err);
        return;
    }
    heard->count++;
    heard->bytes += strlen(event->body);
    if (strlen(event->body) < 100)
        snprintf(heard->text + len, sizeof heard->text - len, "%llu:%s ",
                 (unsigned long long)event->number, event->body);
}

static struct heard *read_some(struct store_fixture *fx, const char *id, size_t limit)
{
    static struct heard heard;

    heard = (struct heard){0};
    assert_int_equal(
        store_webhook_read(fx->store, fx->mailbox, str_of(id), limit, on_waiting, &heard),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &heard.answer), ERR_NONE);
    return &heard;
}

static enum err end(struct store_fixture *fx, const char *id, uint64_t through, bool is_dropped)
{
    struct webhook_end what = {.through = through, .is_dropped = is_dropped};
    struct store_answer answer = {0};

    snprintf(what.id, sizeof what.id, "%s", id);
    assert_int_equal(
        store_webhook_end(fx->store, fx->mailbox, &what, store_fixture_on_done, &answer), ERR_NONE);
    return store_fixture_wait(fx, &answer);
}

static void on_webhook(void *ctx, enum err err, const struct webhook_record *webhook)
{
    struct heard *heard = ctx;

    if (webhook == NULL)
        store_fixture_on_done(&heard->answer, err);
    else
        heard->webhooks[heard->count++] = *webhook;
}

static const struct heard *list(struct store_fixture *fx)
{
    static struct heard heard;

    heard = (struct heard){0};
    assert_int_equal(store_webhook_list(fx->store, fx->mailbox, STR_EMPTY, STORE_WEBHOOKS_MAX,
                                        on_webhook, &heard),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &heard.answer), ERR_NONE);
    return &heard;
}

static void an_event_joins_the_queues_that_want_it(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(store_fixture_create_user(fx, ANN, "ann"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, BEN, "ben"), ERR_NONE);
    assert_int_equal(create(fx, "all", "", ONLINE | OFFLINE), ERR_NONE);
    assert_int_equal(create(fx, "anns", ANN, ONLINE | UPDATE), ERR_NONE);
    assert_int_equal(tell(fx, ONLINE, ANN, "{1}", MANY).queued, 2);
    assert_int_equal(tell(fx, ONLINE, BEN, "{2}", MANY).queued, 1);
    assert_int_equal(tell(fx, UPDATE, ANN, "{3}", MANY).queued, 1);
    assert_int_equal(tell(fx, UPDATE, BEN, "{4}", MANY).queued, 0);
    assert_int_equal(tell(fx, ONLINE, "", "{5}", MANY).queued, 1);
    assert_string_equal(read_some(fx, "all", 10)->text, "1:{1} 2:{2} 3:{5} ");
    assert_string_equal(read_some(fx, "anns", 10)->text, "1:{1} 2:{3} ");
    assert_string_equal(read_some(fx, "anns", 1)->text, "1:{1} ");
    assert_string_equal(read_some(fx, "none", 10)->text, "");
}

static void what_has_been_told_leaves_the_queue(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(create(fx, "w", "", ONLINE), ERR_NONE);
    for (int i = 0; i < 4; i++)
        tell(fx, ONLINE, ANN, "{}", MANY);
    assert_int_equal(end(fx, "w", 2, false), ERR_NONE);
    assert_string_equal(read_some(fx, "w", 10)->text, "3:{} 4:{} ");
    assert_int_equal(end(fx, "w", 3, true), ERR_NONE);
    assert_int_equal(list(fx)->webhooks[0].dropped, 1);
    assert_int_equal(list(fx)->webhooks[0].waiting, 1);
    assert_int_equal(list(fx)->webhooks[0].oldest_ms, 77);
    assert_int_equal(end(fx, "w", 4, false), ERR_NONE);
    assert_int_equal(list(fx)->webhooks[0].waiting, 0);
    assert_int_equal(list(fx)->webhooks[0].oldest_ms, 0);
    assert_int_equal(list(fx)->webhooks[0].next_number, 5);
    assert_int_equal(end(fx, "gone", 4, false), ERR_NOT_FOUND);
}

static void on_found(void *ctx, enum err err, const struct webhook_record *webhook)
{
    struct heard *heard = ctx;

    if (webhook != NULL)
        heard->webhooks[0] = *webhook;
    store_fixture_on_done(&heard->answer, err);
}

static void a_webhook_is_found_by_its_id(void **state)
{
    struct store_fixture *fx = *state;
    static struct heard heard;

    assert_int_equal(store_fixture_create_user(fx, ANN, "ann"), ERR_NONE);
    assert_int_equal(create(fx, "w", ANN, ONLINE | UPDATE), ERR_NONE);
    heard = (struct heard){0};
    assert_int_equal(store_webhook_find(fx->store, fx->mailbox, STR("w"), on_found, &heard),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &heard.answer), ERR_NONE);
    assert_string_equal(heard.webhooks[0].apikey, ANN);
    assert_string_equal(heard.webhooks[0].url, "https://x.org/");
    assert_string_equal(heard.webhooks[0].secret, "s");
    assert_int_equal(heard.webhooks[0].kinds, ONLINE | UPDATE);
    heard = (struct heard){0};
    assert_int_equal(store_webhook_find(fx->store, fx->mailbox, STR("v"), on_found, &heard),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &heard.answer), ERR_NOT_FOUND);
}

static void a_full_queue_loses_its_oldest_and_counts_them(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(create(fx, "w", "", ONLINE), ERR_NONE);
    for (int i = 0; i < 3; i++)
        assert_int_equal(tell(fx, ONLINE, ANN, "{}", 3).dropped, 0);
    assert_int_equal(tell(fx, ONLINE, ANN, "{}", 3).dropped, 1);
    assert_int_equal(tell(fx, ONLINE, ANN, "{}", 3).dropped, 1);
    assert_string_equal(read_some(fx, "w", 10)->text, "3:{} 4:{} 5:{} ");
    assert_int_equal(list(fx)->webhooks[0].dropped, 2);
    assert_int_equal(list(fx)->webhooks[0].waiting, 3);
}

static void a_queue_outlives_the_server(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(create(fx, "w", "", ONLINE), ERR_NONE);
    tell(fx, ONLINE, ANN, "{1}", MANY);
    store_fixture_close(fx);
    store_fixture_open(fx);
    tell(fx, ONLINE, ANN, "{2}", MANY);
    assert_string_equal(read_some(fx, "w", 10)->text, "1:{1} 2:{2} ");
}

static void a_webhook_goes_with_its_queue(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer = {0};

    assert_int_equal(create(fx, "w", "", ONLINE), ERR_NONE);
    tell(fx, ONLINE, ANN, "{}", MANY);
    assert_int_equal(
        store_webhook_remove(fx->store, fx->mailbox, STR("w"), store_fixture_on_done, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    assert_int_equal(tell(fx, ONLINE, ANN, "{}", MANY).queued, 0);
    assert_int_equal(list(fx)->count, 0);
    answer = (struct store_answer){0};
    assert_int_equal(
        store_webhook_remove(fx->store, fx->mailbox, STR("w"), store_fixture_on_done, &answer),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NOT_FOUND);
}

static void there_are_so_many_webhooks_at_most(void **state)
{
    struct store_fixture *fx = *state;
    char id[STORE_WEBHOOK_ID_CAP];

    for (int i = 0; i < STORE_WEBHOOKS_MAX; i++) {
        snprintf(id, sizeof id, "w%02d", i);
        assert_int_equal(create(fx, id, "", ONLINE), ERR_NONE);
    }
    assert_int_equal(create(fx, "more", "", ONLINE), ERR_FULL);
    assert_int_equal(tell(fx, ONLINE, ANN, "{}", MANY).queued, STORE_WEBHOOKS_MAX);
    assert_int_equal(list(fx)->count, STORE_WEBHOOKS_MAX);
    assert_string_equal(list(fx)->webhooks[1].id, "w01");
}

static void a_webhook_of_nobody_or_of_a_taken_id_is_refused(void **state)
{
    struct store_fixture *fx = *state;

    assert_int_equal(create(fx, "w", ANN, ONLINE), ERR_NOT_FOUND);
    assert_int_equal(create(fx, "w", "", ONLINE), ERR_NONE);
    assert_int_equal(create(fx, "w", "", ONLINE), ERR_EXISTS);
}

static void large_events_make_a_list_short(void **state)
{
    struct store_fixture *fx = *state;
    char *body = malloc(STORE_PARAMS_MAX + 1);
    const struct heard *heard;

    memset(body, 'x', STORE_PARAMS_MAX);
    body[STORE_PARAMS_MAX] = '\0';
    assert_int_equal(create(fx, "w", "", ONLINE), ERR_NONE);
    for (int i = 0; i < 10; i++)
        tell(fx, ONLINE, ANN, body, MANY);
    heard = read_some(fx, "w", 100);
    assert_int_equal(heard->bytes, STORE_WEBHOOK_READ_BYTES);
    assert_int_equal(heard->count, STORE_WEBHOOK_READ_BYTES / STORE_PARAMS_MAX);
    free(body);
}

static void a_body_that_is_too_long_is_refused(void **state)
{
    struct store_fixture *fx = *state;
    char *body = malloc(STORE_WEBHOOK_BODY_MAX + 1);
    struct webhook_event event = {
        .kind = ONLINE, .body = {body, STORE_WEBHOOK_BODY_MAX + 1}, .max_waiting = 1};

    memset(body, 'x', STORE_WEBHOOK_BODY_MAX + 1);
    assert_int_equal(store_webhook_tell(fx->store, fx->mailbox, &event, on_tally, NULL),
                     ERR_INVALID);
    free(body);
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, store_fixture_setup, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_joins_the_queues_that_want_it),
        TEST(what_has_been_told_leaves_the_queue),
        TEST(a_webhook_is_found_by_its_id),
        TEST(a_full_queue_loses_its_oldest_and_counts_them),
        TEST(a_queue_outlives_the_server),
        TEST(a_webhook_goes_with_its_queue),
        TEST(there_are_so_many_webhooks_at_most),
        TEST(a_webhook_of_nobody_or_of_a_taken_id_is_refused),
        TEST(large_events_make_a_list_short),
        TEST(a_body_that_is_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
