/* Logins and tokens over a real store and a real bus: what the domain answers, and what it tells.
 */
#include "domain/login.h"

#include "base/crypto.h"
#include "store/store_app.h"
#include "store/store_password.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define USER "aaaaaaaa-0000-4000-8000-000000000000"
#define EMPTY_USER "bbbbbbbb-0000-4000-8000-000000000000"
#define AWAY_USER "cccccccc-0000-4000-8000-000000000000"
#define PASSWORD STR("correct horse")

enum { NOW = 1000000, ACCESS_MS = 1000, REFRESH_MS = 5000, MAX_FAILURES = 3 };

struct scene {
    struct store *store;
    struct mailbox *mailbox;
    struct bus *bus;
    struct metric_set *metrics;
    struct login_limit *limit;
    struct token_office_config office_config;
    struct token_office *office;
    struct login_config config;
    struct login *login;
    bool is_answered;
    enum err err;
    char hash[STORE_PASSWORD_CAP];
    enum login_verdict verdict;
    char apikey[STORE_APIKEY_CAP];
    enum access_verdict token_verdict;
    struct token_office_pair pair;
    unsigned granted; /* pairs */
    unsigned denied;
    unsigned told; /* tokens that the bus said are revoked */
    char told_account[BUS_ACCOUNT_CAP];
};

static void on_event(void *ctx, const struct bus_event *event)
{
    struct scene *scene = ctx;

    assert_int_equal(event->topic, BUS_TOKEN_REVOKED);
    assert_int_equal(strlen(event->subject), 2 * STORE_TOKEN_HASH_BYTES);
    scene->told++;
    memcpy(scene->told_account, event->account, sizeof scene->told_account);
}

static void on_done(void *ctx, enum err err)
{
    struct scene *scene = ctx;

    scene->is_answered = true;
    scene->err = err;
}

static void on_hash(void *ctx, enum err err, const char *hash)
{
    struct scene *scene = ctx;

    assert_int_equal(err, ERR_NONE);
    scene->is_answered = true;
    memcpy(scene->hash, hash, strlen(hash) + 1);
}

/* What was published is mail too: it is delivered by now, as it was sent before the answer. */
static void settle(struct scene *scene)
{
    while (!scene->is_answered)
        mailbox_deliver(scene->mailbox);
    mailbox_deliver(scene->mailbox);
    scene->is_answered = false;
}

static void create_user(struct scene *scene, const char *apikey, const char *region,
                        const char *hash)
{
    struct user_record user = {.created_ms = 1};

    snprintf(user.apikey, sizeof user.apikey, "%s", apikey);
    snprintf(user.account, sizeof user.account, "%.1s@example.com", apikey);
    snprintf(user.region, sizeof user.region, "%s", region);
    snprintf(user.password_hash, sizeof user.password_hash, "%s", hash);
    assert_int_equal(store_user_create(scene->store, scene->mailbox, &user, on_done, scene), 0);
    settle(scene);
    assert_int_equal(scene->err, ERR_NONE);
}

/* A hash says itself what work verifying it is: the least will do for all but the tests of that. */
static void furnish(struct scene *scene)
{
    const struct app_record app = {.id = "app", .secret = "s"};
    char hash[crypto_pwhash_STRBYTES];

    assert_int_equal(crypto_pwhash_str(hash, PASSWORD.ptr, PASSWORD.len, crypto_pwhash_OPSLIMIT_MIN,
                                       crypto_pwhash_MEMLIMIT_MIN),
                     0);
    create_user(scene, USER, "eu", hash);
    create_user(scene, EMPTY_USER, "eu", "");
    create_user(scene, AWAY_USER, "us", hash);
    assert_int_equal(store_app_create(scene->store, scene->mailbox, &app, on_done, scene), 0);
    settle(scene);
}

static int set_up(void **state)
{
    static struct scene scene;
    const struct store_config store = {.max_waiting = 64};

    scene = (struct scene){0};
    assert_int_equal(crypto_init(), ERR_NONE);
    scene.mailbox = mailbox_new();
    scene.metrics = metric_set_new();
    scene.bus = bus_local_new(64);
    bus_subscribe(scene.bus, scene.mailbox, on_event, &scene);
    assert_int_equal(store_open(&store, NULL, &scene.store), ERR_NONE);
    scene.limit = login_limit_new(&(struct login_limit_config){
        .max_account = MAX_FAILURES, .max_peer = 100, .window_ms = 1000, .max_keys = 8});
    scene.office_config = (struct token_office_config){.store = scene.store,
                                                       .mailbox = scene.mailbox,
                                                       .bus = scene.bus,
                                                       .metrics = scene.metrics,
                                                       .access_ms = ACCESS_MS,
                                                       .refresh_ms = REFRESH_MS,
                                                       .max_pairs = 8};
    scene.office = token_office_new(&scene.office_config);
    scene.config = (struct login_config){.store = scene.store,
                                         .mailbox = scene.mailbox,
                                         .limit = scene.limit,
                                         .office = scene.office,
                                         .metrics = scene.metrics,
                                         .region = "eu",
                                         .min_length = 8};
    scene.login = login_new(&scene.config);
    furnish(&scene);
    *state = &scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    login_free(scene->login);
    token_office_free(scene->office);
    login_limit_free(scene->limit);
    store_close(scene->store);
    bus_free(scene->bus);
    mailbox_free(scene->mailbox);
    metric_set_free(scene->metrics);
    return 0;
}

static void on_login(void *ctx, enum login_verdict verdict, const struct user_record *user)
{
    struct scene *scene = ctx;

    scene->is_answered = true;
    scene->verdict = verdict;
    assert_true((user != NULL) == (verdict == LOGIN_GRANTED || verdict == LOGIN_ELSEWHERE));
    scene->apikey[0] = '\0';
    if (user != NULL)
        memcpy(scene->apikey, user->apikey, sizeof scene->apikey);
}

static enum login_verdict try_login(struct scene *scene, struct str account, struct str password)
{
    const struct login_attempt attempt = {.account = account,
                                          .password = password,
                                          .peer_ip = STR("192.0.2.7"),
                                          .now_ms = 5,
                                          .on_login = on_login,
                                          .ctx = scene};

    assert_true(login_check(scene->login, &attempt));
    settle(scene);
    return scene->verdict;
}

static void tell_unknown(struct scene *scene)
{
    login_free(scene->login);
    scene->config.tells_unknown = true;
    scene->login = login_new(&scene->config);
}

static void the_right_password_opens(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(try_login(scene, STR("a@example.com"), PASSWORD), LOGIN_GRANTED);
    assert_string_equal(scene->apikey, USER);
    assert_int_equal(metric_total(&scene->metrics, 1, METRIC_LOGIN_OK), 1);
}

static void whatever_is_wrong_is_one_answer(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(try_login(scene, STR("a@example.com"), STR("wrong")), LOGIN_WRONG);
    assert_int_equal(try_login(scene, STR("nobody@example.com"), PASSWORD), LOGIN_WRONG);
    assert_int_equal(try_login(scene, STR("b@example.com"), PASSWORD), LOGIN_WRONG);
    assert_int_equal(metric_total(&scene->metrics, 1, METRIC_LOGIN_REFUSED), 3);
}

static void what_is_wrong_is_told_where_that_is_wanted(void **state)
{
    struct scene *scene = *state;

    tell_unknown(scene);
    assert_int_equal(try_login(scene, STR("a@example.com"), STR("wrong")), LOGIN_WRONG);
    assert_int_equal(try_login(scene, STR("nobody@example.com"), PASSWORD), LOGIN_UNKNOWN);
    assert_int_equal(try_login(scene, STR("b@example.com"), PASSWORD), LOGIN_INACTIVE);
}

static void an_account_of_another_region_is_sent_there_once_its_password_is_right(void **state)
{
    struct scene *scene = *state;

    assert_int_equal(try_login(scene, STR("c@example.com"), STR("wrong")), LOGIN_WRONG);
    assert_int_equal(try_login(scene, STR("c@example.com"), PASSWORD), LOGIN_ELSEWHERE);
    assert_string_equal(scene->apikey, AWAY_USER);
}

static void too_many_failures_shut_the_right_password_out_too(void **state)
{
    struct scene *scene = *state;

    for (int i = 0; i < MAX_FAILURES; i++)
        assert_int_equal(try_login(scene, STR("a@example.com"), STR("wrong")), LOGIN_WRONG);
    assert_int_equal(try_login(scene, STR("a@example.com"), PASSWORD), LOGIN_LIMITED);
    assert_int_equal(metric_total(&scene->metrics, 1, METRIC_LOGIN_LIMITED), 1);
}

static void failures_count_together_however_the_address_is_written(void **state)
{
    struct scene *scene = *state;

    for (int i = 0; i < MAX_FAILURES; i++)
        assert_int_equal(try_login(scene, i % 2 == 0 ? STR("A@example.com") : STR("a@Example.com"),
                                   STR("wrong")),
                         LOGIN_WRONG);
    assert_int_equal(try_login(scene, STR("a@example.com"), PASSWORD), LOGIN_LIMITED);
}

static void texts_that_break_a_bound_are_no_login(void **state)
{
    struct scene *scene = *state;
    static char large[STORE_PASSWORD_TEXT_MAX + 1];
    struct login_attempt attempt = {.account = STR("a@example.com"), .on_login = on_login};

    memset(large, 'x', sizeof large);
    assert_false(login_check(scene->login, &attempt));
    attempt.password = (struct str){large, sizeof large};
    assert_false(login_check(scene->login, &attempt));
    attempt.password = PASSWORD;
    attempt.account = (struct str){large, STORE_ACCOUNT_CAP};
    assert_false(login_check(scene->login, &attempt));
    attempt.account = STR("");
    assert_false(login_check(scene->login, &attempt));
}

/* Unknown accounts cost what known ones do only if both hashes ask for the same work. */
static void the_decoy_asks_for_the_work_of_a_real_hash(void **state)
{
    struct scene *scene = *state;
    const unsigned long long ops = crypto_pwhash_OPSLIMIT_INTERACTIVE;
    const size_t memory = crypto_pwhash_MEMLIMIT_INTERACTIVE;

    assert_int_equal(store_password_hash(scene->store, scene->mailbox, PASSWORD, on_hash, scene),
                     0);
    settle(scene);
    assert_int_equal(crypto_pwhash_str_needs_rehash(scene->hash, ops, memory), 0);
    assert_int_equal(crypto_pwhash_str_needs_rehash(login_decoy(), ops, memory), 0);
}

static void on_pair(void *ctx, enum access_verdict verdict, const struct token_office_pair *pair,
                    const struct user_record *user)
{
    struct scene *scene = ctx;

    scene->is_answered = true;
    scene->token_verdict = verdict;
    scene->granted += verdict == ACCESS_GRANTED;
    scene->denied += verdict == ACCESS_DENIED;
    assert_true((pair != NULL) == (verdict == ACCESS_GRANTED));
    if (pair != NULL)
        scene->pair = *pair;
    if (user != NULL)
        memcpy(scene->apikey, user->apikey, sizeof scene->apikey);
}

static struct token_office_order order_of(struct scene *scene)
{
    return (struct token_office_order){
        .apikey = STR(USER), .appid = STR("app"), .wall_ms = NOW, .on_pair = on_pair, .ctx = scene};
}

static void issue(struct scene *scene)
{
    const struct token_office_order order = order_of(scene);

    assert_int_equal(token_office_issue(scene->office, &order), ERR_NONE);
    settle(scene);
    assert_int_equal(scene->token_verdict, ACCESS_GRANTED);
}

static enum access_verdict exchange(struct scene *scene, const char *refresh, struct str appid,
                                    int64_t wall_ms)
{
    struct token_office_order order = order_of(scene);

    order.refresh = str_of(refresh);
    order.appid = appid;
    order.wall_ms = wall_ms;
    assert_int_equal(token_office_exchange(scene->office, &order), ERR_NONE);
    settle(scene);
    return scene->token_verdict;
}

static void tokens_are_forty_digits_and_say_when_they_expire(void **state)
{
    struct scene *scene = *state;

    issue(scene);
    assert_int_equal(strspn(scene->pair.access, "0123456789abcdef"), 40);
    assert_int_equal(strspn(scene->pair.refresh, "0123456789abcdef"), 40);
    assert_string_not_equal(scene->pair.access, scene->pair.refresh);
    assert_int_equal(scene->pair.access_expires_ms, NOW + ACCESS_MS);
    assert_int_equal(scene->pair.refresh_expires_ms, NOW + REFRESH_MS);
}

static void a_refresh_token_is_exchanged_once_and_all_hear_of_it(void **state)
{
    struct scene *scene = *state;
    char refresh[TOKEN_OFFICE_TEXT_CAP];

    issue(scene);
    memcpy(refresh, scene->pair.refresh, sizeof refresh);
    assert_int_equal(exchange(scene, refresh, STR("app"), NOW + 1), ACCESS_GRANTED);
    assert_string_equal(scene->apikey, USER);
    assert_string_not_equal(scene->pair.refresh, refresh);
    assert_int_equal(scene->told, 2);
    assert_string_equal(scene->told_account, USER);
    assert_int_equal(exchange(scene, refresh, STR("app"), NOW + 2), ACCESS_DENIED);
    assert_int_equal(exchange(scene, scene->pair.refresh, STR(""), NOW + 2), ACCESS_GRANTED);
}

static void what_is_no_refresh_token_is_refused(void **state)
{
    struct scene *scene = *state;

    issue(scene);
    assert_int_equal(exchange(scene, scene->pair.access, STR("app"), NOW), ACCESS_DENIED);
    assert_int_equal(exchange(scene, "nothing", STR("app"), NOW), ACCESS_DENIED);
    assert_int_equal(exchange(scene, scene->pair.refresh, STR("other"), NOW), ACCESS_FORBIDDEN);
    assert_int_equal(exchange(scene, scene->pair.refresh, STR("app"), NOW + REFRESH_MS),
                     ACCESS_EXPIRED);
    assert_int_equal(exchange(scene, scene->pair.refresh, STR("app"), NOW + REFRESH_MS - 1),
                     ACCESS_GRANTED);
}

static void of_two_that_exchange_one_token_at_once_one_is_refused(void **state)
{
    struct scene *scene = *state;
    struct token_office_order order = order_of(scene);

    issue(scene);
    order.refresh = str_of(scene->pair.refresh);
    assert_int_equal(token_office_exchange(scene->office, &order), ERR_NONE);
    assert_int_equal(token_office_exchange(scene->office, &order), ERR_NONE);
    while (scene->granted + scene->denied < 3)
        mailbox_deliver(scene->mailbox);
    mailbox_deliver(scene->mailbox);     /* what the bus was told */
    assert_int_equal(scene->granted, 2); /* the first was issued */
    assert_int_equal(scene->denied, 1);
}

static void a_logout_ends_the_pair(void **state)
{
    struct scene *scene = *state;
    uint8_t hash[STORE_TOKEN_HASH_BYTES];

    issue(scene);
    crypto_sha256(str_of(scene->pair.access), hash);
    assert_int_equal(token_office_end(scene->office, hash, on_done, scene), ERR_NONE);
    settle(scene);
    assert_int_equal(scene->told, 2);
    assert_int_equal(exchange(scene, scene->pair.refresh, STR(""), NOW), ACCESS_DENIED);
}

static void a_new_password_takes_the_old_ones_place_and_ends_all_tokens(void **state)
{
    struct scene *scene = *state;
    const struct str renewed = STR("another password");

    issue(scene);
    issue(scene);
    assert_false(login_is_password(scene->login, STR("short")));
    assert_true(login_is_password(scene->login, renewed));
    assert_int_equal(login_set_password(scene->login, STR(USER), renewed, on_done, scene), 0);
    settle(scene);
    assert_int_equal(scene->err, ERR_NONE);
    assert_int_equal(scene->told, 4);
    assert_int_equal(try_login(scene, STR("a@example.com"), PASSWORD), LOGIN_WRONG);
    assert_int_equal(try_login(scene, STR("a@example.com"), renewed), LOGIN_GRANTED);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_right_password_opens),
        CASE(whatever_is_wrong_is_one_answer),
        CASE(what_is_wrong_is_told_where_that_is_wanted),
        CASE(an_account_of_another_region_is_sent_there_once_its_password_is_right),
        CASE(too_many_failures_shut_the_right_password_out_too),
        CASE(failures_count_together_however_the_address_is_written),
        CASE(texts_that_break_a_bound_are_no_login),
        CASE(the_decoy_asks_for_the_work_of_a_real_hash),
        CASE(tokens_are_forty_digits_and_say_when_they_expire),
        CASE(a_refresh_token_is_exchanged_once_and_all_hear_of_it),
        CASE(what_is_no_refresh_token_is_refused),
        CASE(of_two_that_exchange_one_token_at_once_one_is_refused),
        CASE(a_logout_ends_the_pair),
        CASE(a_new_password_takes_the_old_ones_place_and_ends_all_tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
