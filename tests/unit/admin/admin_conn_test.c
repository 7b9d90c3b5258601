#include "admin_rig.h"

#include "domain/device_link.h"
#include "domain/session.h"
#include "store/store_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define ANN "8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e"
#define BOB "9f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e"

enum { MAX_SESSIONS = 8 };

/* Somebody's connection. */
struct seat {
    uint64_t conn_id;
    struct session *session;
    struct device_link *link;
};

/* What an edge would be: sessions and a link that close when they are told to. */
struct edge {
    struct admin_rig *rig;
    struct seat sessions[MAX_SESSIONS];
    int count;
    struct seat device;
};

static uint64_t seat_conn_id(void *ctx)
{
    const struct seat *seat = ctx;

    return seat->conn_id;
}

static void tell_origin(void *ctx, struct origin *out)
{
    const struct seat *seat = ctx;

    *out = (struct origin){.conn_id = seat->conn_id, .peer = "192.0.2.1:5000", .since_ms = 1000};
    if (seat->link != NULL)
        *out = (struct origin){seat->conn_id, "192.0.2.2:5000", 2000};
}

static void on_session_end(void *ctx, enum session_end end)
{
    struct seat *seat = ctx;

    assert_int_equal(end, END_KICKED);
    session_close(seat->session);
    seat->session = NULL;
}

static void on_presence(void *ctx, struct str deviceid, struct str owner, bool online)
{
    (void)ctx;
    (void)deviceid;
    (void)owner;
    (void)online;
}

static const struct session_events SESSION_EVENTS = {
    .conn_id = seat_conn_id,
    .tell_origin = tell_origin,
    .on_presence = on_presence,
    .on_end = on_session_end,
};

static void on_open(void *ctx, struct device_link *link, enum err err)
{
    (void)ctx;
    (void)link;
    assert_int_equal(err, ERR_NONE);
}

static void on_link_end(void *ctx, enum session_end end)
{
    struct seat *seat = ctx;

    assert_int_equal(end, END_KICKED);
    device_link_close(seat->link, DEVICE_LOSS_KICKED);
    seat->link = NULL;
}

static const struct device_events DEVICE_EVENTS = {
    .conn_id = seat_conn_id,
    .tell_origin = tell_origin,
    .on_open = on_open,
    .on_end = on_link_end,
};

static int open_edge(void **state)
{
    struct edge *edge = test_calloc(1, sizeof *edge);

    admin_rig_open((void **)&edge->rig);
    admin_rig_add_user(edge->rig, "ann@example.com", ANN);
    admin_rig_do(edge->rig,
                 "{\"verb\":\"device create\",\"args\":{\"id\":\"1000abcdef\","
                 "\"owner\":\"" ANN "\"}}");
    *state = edge;
    return 0;
}

static int close_edge(void **state)
{
    struct edge *edge = *state;

    for (int i = 0; i < edge->count; i++)
        if (edge->sessions[i].session != NULL)
            session_close(edge->sessions[i].session);
    if (edge->device.link != NULL)
        device_link_close(edge->device.link, DEVICE_LOSS_KICKED);
    while (!accounts_are_idle(edge->rig->workers.accounts[0]))
        loop_turn(edge->rig->loop, 100);
    admin_rig_close((void **)&edge->rig);
    test_free(edge);
    return 0;
}

static void open_session(struct edge *edge, const char *apikey, uint64_t conn_id)
{
    static const uint8_t hash[STORE_TOKEN_HASH_BYTES];
    struct seat *seat = &edge->sessions[edge->count++];
    const struct session_config config = {
        .apikey = str_of(apikey),
        .token_hash = hash,
        .events = &SESSION_EVENTS,
        .ctx = seat,
    };

    seat->conn_id = conn_id;
    seat->session = session_open(edge->rig->workers.accounts[0], &config);
    assert_non_null(seat->session);
}

static void open_link(struct edge *edge, uint64_t conn_id)
{
    const struct device_config config = {
        .deviceid = STR("1000abcdef"),
        .owner = STR(ANN),
        .events = &DEVICE_EVENTS,
        .ctx = &edge->device,
    };

    edge->device.conn_id = conn_id;
    edge->device.link = device_link_open(edge->rig->workers.accounts[0], &config);
    assert_non_null(edge->device.link);
    while (!accounts_are_idle(edge->rig->workers.accounts[0]))
        loop_turn(edge->rig->loop, 100);
}

static int count_rows(const char *answers)
{
    int count = 0;

    for (; (answers = strstr(answers, "{\"row\":")) != NULL; answers++)
        count++;
    return count;
}

static void sessions_and_links_are_listed(void **state)
{
    struct edge *edge = *state;
    const char *answers;

    open_session(edge, ANN, 7);
    open_link(edge, 8);
    answers = admin_rig_ask(edge->rig, "{\"verb\":\"conn list\"}");
    assert_non_null(strstr(answers, "{\"row\":{\"conn\":7,\"kind\":\"app\",\"account\":\"" ANN
                                    "\",\"device\":\"\",\"peer\":\"192.0.2.1:5000\","
                                    "\"since_at\":\"1970-01-01T00:00:01.000Z\",\"worker\":0}}"));
    assert_non_null(strstr(answers, "{\"row\":{\"conn\":8,\"kind\":\"device\",\"account\":\"" ANN
                                    "\",\"device\":\"1000abcdef\""));
    assert_non_null(strstr(answers, "{\"shown\":2,\"total\":2}"));
}

static void the_list_may_be_of_one_account_or_device(void **state)
{
    struct edge *edge = *state;

    open_session(edge, ANN, 7);
    open_session(edge, BOB, 9);
    open_link(edge, 8);
    assert_int_equal(count_rows(admin_rig_ask(edge->rig, "{\"verb\":\"conn list\"}")), 3);
    assert_int_equal(
        count_rows(admin_rig_ask(
            edge->rig, "{\"verb\":\"conn list\",\"args\":{\"user\":\"ann@example.com\"}}")),
        2);
    assert_int_equal(
        count_rows(admin_rig_ask(edge->rig,
                                 "{\"verb\":\"conn list\",\"args\":{\"device\":\"1000abcdef\"}}")),
        1);
}

static void a_list_cut_short_says_how_many_there_are(void **state)
{
    struct edge *edge = *state;
    const char *answers;

    open_session(edge, ANN, 7);
    open_session(edge, ANN, 8);
    open_session(edge, ANN, 9);
    answers = admin_rig_ask(edge->rig, "{\"verb\":\"conn list\",\"args\":{\"limit\":\"2\"}}");
    assert_int_equal(count_rows(answers), 2);
    assert_non_null(strstr(answers, "{\"shown\":2,\"total\":3}"));
    admin_rig_expect_refusal(edge->rig, "{\"verb\":\"conn list\",\"args\":{\"limit\":\"100001\"}}",
                             "too_large", "'limit' must be at most 100000");
}

static void a_session_is_kicked_by_its_number(void **state)
{
    struct edge *edge = *state;

    open_session(edge, ANN, 7);
    open_session(edge, ANN, 8);
    assert_non_null(
        strstr(admin_rig_do(edge->rig, "{\"verb\":\"conn kick\",\"args\":{\"conn\":\"7\"}}"),
               "{\"closed\":1}"));
    assert_null(edge->sessions[0].session);
    assert_non_null(edge->sessions[1].session);
    admin_rig_expect_refusal(edge->rig, "{\"verb\":\"conn kick\",\"args\":{\"conn\":\"7\"}}",
                             "not_found", "there is no such connection");
}

static void a_link_is_kicked_by_its_device(void **state)
{
    struct edge *edge = *state;

    open_link(edge, 8);
    admin_rig_do(edge->rig, "{\"verb\":\"conn kick\",\"args\":{\"device\":\"1000abcdef\"}}");
    assert_null(edge->device.link);
    admin_rig_expect_refusal(edge->rig,
                             "{\"verb\":\"conn kick\",\"args\":{\"device\":\"1000abcdef\"}}",
                             "not_found", "the device has no open link");
}

static void a_kick_wants_one_of_number_and_device(void **state)
{
    struct edge *edge = *state;

    admin_rig_expect_refusal(edge->rig, "{\"verb\":\"conn kick\"}", "invalid",
                             "give either a connection's number or 'device'");
    admin_rig_expect_refusal(
        edge->rig, "{\"verb\":\"conn kick\",\"args\":{\"conn\":\"7\",\"device\":\"1000abcdef\"}}",
        "invalid", "give either a connection's number or 'device'");
    admin_rig_expect_refusal(edge->rig, "{\"verb\":\"conn kick\",\"args\":{\"conn\":\"seven\"}}",
                             "invalid", "'conn' must be a whole number");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_edge, close_edge)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(sessions_and_links_are_listed),
        TEST(the_list_may_be_of_one_account_or_device),
        TEST(a_list_cut_short_says_how_many_there_are),
        TEST(a_session_is_kicked_by_its_number),
        TEST(a_link_is_kicked_by_its_device),
        TEST(a_kick_wants_one_of_number_and_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
