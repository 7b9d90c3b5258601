#include "domain/access.h"

#include "base/crypto.h"
#include "store/store_app.h"
#include "store/store_device.h"
#include "store/store_token.h"
#include "store/store_user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define OWNER "a4e77f7e-2116-4215-b961-6f3fc5982667"

enum { NOW = 1000000 };

struct door {
    struct store *store;
    struct mailbox *mailbox;
    struct access *access;
    int left;
    bool is_answered;
    struct access_grant grant;
    enum device_verdict device;
};

static void on_done(void *ctx, enum err err)
{
    struct door *door = ctx;

    assert_int_equal(err, ERR_NONE);
    door->left--;
}

static void settle(struct door *door, int changes)
{
    door->left += changes;
    while (door->left > 0)
        mailbox_deliver(door->mailbox);
}

static struct token_record token_of(const char *text, const char *appid, int64_t expires_ms)
{
    struct token_record token = {
        .kind = TOKEN_ACCESS, .apikey = OWNER, .issued_ms = 1, .expires_ms = expires_ms};

    crypto_sha256(str_of(text), token.hash);
    snprintf(token.appid, sizeof token.appid, "%s", appid);
    return token;
}

static void add_token(struct door *door, const char *text, const char *appid, int64_t expires_ms)
{
    struct token_record token = token_of(text, appid, expires_ms);

    assert_int_equal(store_token_create(door->store, door->mailbox, &token, on_done, door), 0);
    settle(door, 1);
}

static void add_app(struct door *door, const char *id)
{
    struct app_record app = {.secret = "s", .quirks = APP_QUIRK_MISSING_PARAMETERS};

    snprintf(app.id, sizeof app.id, "%s", id);
    assert_int_equal(store_app_create(door->store, door->mailbox, &app, on_done, door), 0);
    settle(door, 1);
}

static int open_door(void **state)
{
    static struct door door;
    const struct store_config config = {.max_waiting = 16};
    struct user_record user = {.apikey = OWNER, .account = "u", .region = "eu"};
    struct device_record device = {.id = "1000000001", .key = "factory", .owner = OWNER};

    memset(&door, 0, sizeof door);
    assert_int_equal(crypto_init(), ERR_NONE);
    door.mailbox = mailbox_new();
    assert_int_equal(store_open(&config, NULL, &door.store), ERR_NONE);
    device.params = "{}";
    assert_int_equal(store_user_create(door.store, door.mailbox, &user, on_done, &door), 0);
    assert_int_equal(store_device_create(door.store, door.mailbox, &device, 1, on_done, &door), 0);
    settle(&door, 2);
    add_app(&door, "app1");
    add_app(&door, "app2");
    assert_int_equal(store_app_disable(door.store, door.mailbox, STR("app2"), true, on_done, &door),
                     0);
    settle(&door, 1);
    add_token(&door, "good", "app1", NOW + 1);
    add_token(&door, "old", "app1", NOW);
    add_token(&door, "lost", "app2", NOW + 1);
    door.access = access_new(&(struct access_config){
        .store = door.store, .mailbox = door.mailbox, .max_cached = 2, .cache_ms = 60000});
    *state = &door;
    return 0;
}

static int close_door(void **state)
{
    struct door *door = *state;

    access_free(door->access);
    store_close(door->store);
    mailbox_free(door->mailbox);
    return 0;
}

static void on_grant(void *ctx, const struct access_grant *grant)
{
    struct door *door = ctx;

    door->grant = *grant;
    door->is_answered = true;
}

/* Asks, waits when it must, and says whether the answer came at once. */
static bool ask(struct door *door, const char *token, const char *appid)
{
    const struct access_question question = {
        .token = str_of(token),
        .appid = str_of(appid),
        .time = {.wall_ms = NOW, .now_ms = 5},
        .on_grant = on_grant,
        .ctx = door,
    };

    door->is_answered = false;
    if (access_check(door->access, &question, &door->grant))
        return true;
    while (!door->is_answered)
        mailbox_deliver(door->mailbox);
    return false;
}

static void a_good_token_is_granted_and_then_known(void **state)
{
    struct door *door = *state;

    assert_false(ask(door, "good", "app1"));
    assert_int_equal(door->grant.verdict, ACCESS_GRANTED);
    assert_string_equal(door->grant.apikey, OWNER);
    assert_string_equal(door->grant.region, "eu");
    assert_int_equal(door->grant.quirks, APP_QUIRK_MISSING_PARAMETERS);
    assert_true(ask(door, "good", ""));
    assert_int_equal(door->grant.verdict, ACCESS_GRANTED);
}

static void each_refusal_has_its_verdict(void **state)
{
    struct door *door = *state;

    ask(door, "", "app1");
    assert_int_equal(door->grant.verdict, ACCESS_DENIED);
    ask(door, "a b", "app1");
    assert_int_equal(door->grant.verdict, ACCESS_DENIED);
    ask(door, "nobody's", "app1");
    assert_int_equal(door->grant.verdict, ACCESS_DENIED);
    ask(door, "old", "app1");
    assert_int_equal(door->grant.verdict, ACCESS_EXPIRED);
    ask(door, "good", "app3");
    assert_int_equal(door->grant.verdict, ACCESS_FORBIDDEN);
    ask(door, "lost", "");
    assert_int_equal(door->grant.verdict, ACCESS_FORBIDDEN);
    ask(door, NULL, "app1");
    assert_int_equal(door->grant.verdict, ACCESS_GRANTED);
    assert_string_equal(door->grant.apikey, "");
    ask(door, NULL, "");
    assert_int_equal(door->grant.verdict, ACCESS_FORBIDDEN);
}

static void a_revocation_counts_at_once(void **state)
{
    struct door *door = *state;
    struct token_record token = token_of("good", "app1", 0);
    struct bus_event event = {.topic = BUS_TOKEN_REVOKED, .account = OWNER};

    ask(door, "good", "app1");
    token.revoked_ms = 1;
    assert_int_equal(store_token_revoke(door->store, door->mailbox, &token, on_done, door), 0);
    settle(door, 1);
    crypto_hex(token.hash, sizeof token.hash, event.subject);
    access_on_event(door->access, &event);
    assert_false(ask(door, "good", "app1"));
    assert_int_equal(door->grant.verdict, ACCESS_DENIED);
}

static void a_grant_of_another_worker_is_judged_again_after_a_revocation(void **state)
{
    struct door *door = *state;
    const struct bus_event event = {.topic = BUS_TOKEN_REVOKED, .account = OWNER};
    struct access_question question = {.time = {NOW, 5}, .on_grant = on_grant, .ctx = door};
    struct access_grant grant;

    ask(door, "good", "app1");
    grant = door->grant;
    assert_true(access_is_current(door->access, &grant));
    access_on_event(door->access, &event);
    assert_false(access_is_current(door->access, &grant));
    question.token_hash = door->grant.token_hash;
    assert_true(access_check(door->access, &question, &grant));
    assert_int_equal(grant.verdict, ACCESS_GRANTED);
    assert_true(access_is_current(door->access, &grant));
}

static void an_answer_that_a_revocation_overtook_is_asked_for_again(void **state)
{
    struct door *door = *state;
    struct mailbox *operator_box = mailbox_new();
    struct token_record token = token_of("good", "app1", 0);
    struct bus_event event = {.topic = BUS_TOKEN_REVOKED, .account = OWNER};
    const struct access_question question = {
        .token = STR("good"), .time = {NOW, 5}, .on_grant = on_grant, .ctx = door};

    /* The look-up's answer lies in the mailbox, undelivered, while the token is revoked. */
    door->is_answered = false;
    assert_false(access_check(door->access, &question, &door->grant));
    token.revoked_ms = 1;
    assert_int_equal(store_token_revoke(door->store, operator_box, &token, on_done, door), 0);
    door->left++;
    while (door->left > 0)
        mailbox_deliver(operator_box);
    crypto_hex(token.hash, sizeof token.hash, event.subject);
    access_on_event(door->access, &event);
    while (!door->is_answered)
        mailbox_deliver(door->mailbox);
    assert_int_equal(door->grant.verdict, ACCESS_DENIED);
    mailbox_free(operator_box);
}

static void a_disabled_app_is_forbidden_once_told(void **state)
{
    struct door *door = *state;
    struct bus_event event = {.topic = BUS_APP_CHANGED, .subject = "app1"};

    ask(door, "good", "app1");
    assert_int_equal(
        store_app_disable(door->store, door->mailbox, STR("app1"), true, on_done, door), 0);
    settle(door, 1);
    access_on_event(door->access, &event);
    ask(door, "good", "app1");
    assert_int_equal(door->grant.verdict, ACCESS_FORBIDDEN);
}

static void the_cache_is_bounded(void **state)
{
    struct door *door = *state;

    ask(door, "good", "");
    ask(door, "old", "");
    ask(door, "lost", "");
    assert_int_equal(door->grant.verdict, ACCESS_FORBIDDEN);
    assert_false(ask(door, "good", ""));
    assert_int_equal(door->grant.verdict, ACCESS_GRANTED);
}

static void what_is_remembered_for_no_time_is_judged_all_the_same(void **state)
{
    struct door *door = *state;

    access_free(door->access);
    door->access = access_new(&(struct access_config){
        .store = door->store, .mailbox = door->mailbox, .max_cached = 2, .cache_ms = 0});
    assert_false(ask(door, "good", "app1"));
    assert_int_equal(door->grant.verdict, ACCESS_GRANTED);
}

static void on_device(void *ctx, enum device_verdict verdict, const struct device_record *device)
{
    struct door *door = ctx;

    door->device = verdict;
    door->is_answered = true;
    assert_int_equal(device != NULL, verdict == DEVICE_GRANTED);
    if (device != NULL)
        assert_string_equal(device->id, "1000000001");
}

static enum device_verdict ask_device(struct door *door, const char *id, const char *key)
{
    door->is_answered = false;
    assert_int_equal(access_check_device(door->access, str_of(id), str_of(key), on_device, door),
                     ERR_NONE);
    while (!door->is_answered)
        mailbox_deliver(door->mailbox);
    return door->device;
}

static void a_device_is_known_by_id_and_key(void **state)
{
    struct door *door = *state;

    assert_int_equal(ask_device(door, "1000000001", "factory"), DEVICE_GRANTED);
    assert_int_equal(ask_device(door, "1000000001", "wrong"), DEVICE_WRONG_KEY);
    assert_int_equal(ask_device(door, "1000000001", ""), DEVICE_WRONG_KEY);
    assert_int_equal(ask_device(door, "1000000002", "factory"), DEVICE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_token_is_granted_and_then_known, open_door,
                                        close_door),
        cmocka_unit_test_setup_teardown(each_refusal_has_its_verdict, open_door, close_door),
        cmocka_unit_test_setup_teardown(a_revocation_counts_at_once, open_door, close_door),
        cmocka_unit_test_setup_teardown(
            a_grant_of_another_worker_is_judged_again_after_a_revocation, open_door, close_door),
        cmocka_unit_test_setup_teardown(an_answer_that_a_revocation_overtook_is_asked_for_again,
                                        open_door, close_door),
        cmocka_unit_test_setup_teardown(a_disabled_app_is_forbidden_once_told, open_door,
                                        close_door),
        cmocka_unit_test_setup_teardown(the_cache_is_bounded, open_door, close_door),
        cmocka_unit_test_setup_teardown(what_is_remembered_for_no_time_is_judged_all_the_same,
                                        open_door, close_door),
        cmocka_unit_test_setup_teardown(a_device_is_known_by_id_and_key, open_door, close_door),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
