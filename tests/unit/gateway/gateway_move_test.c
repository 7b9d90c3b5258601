#include "twin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define USER_ONLINE                                                                                \
    "{\"action\":\"userOnline\",\"version\":8,\"ts\":1458837600,\"at\":\"" TWIN_TOKEN              \
    "\",\"userAgent\":\"app\",\"apikey\":\"" TWIN_OWNER                                            \
    "\",\"appid\":\"app\",\"nonce\":\"aaaa\","                                                     \
    "\"sequence\":\"1\"}"

static void an_app_is_served_by_the_home_of_its_account(void **state)
{
    struct twin *twin = *state;
    struct twin_client app;

    twin_connect(twin, 0, &app);
    twin_say(&app, USER_ONLINE);
    twin_await(&app, "\"error\":0");
    assert_int_equal(twin_census(twin, 0), 0);
    assert_int_equal(twin_census(twin, 1), 1);
    twin_hang_up(&app);
}

/* The first worker lets the app pass by what it remembers of the token, and hears of the revocation
 * after that; the home hears of it before the link arrives, when there is no session to end. */
static void a_token_revoked_on_the_way_home_opens_no_session(void **state)
{
    struct twin *twin = *state;
    struct twin_client before;
    struct twin_client late;

    twin_connect(twin, 0, &before);
    twin_say(&before, USER_ONLINE);
    twin_await(&before, "\"error\":0");
    twin_connect(twin, 0, &late);

    twin_revoke(twin);
    twin_say(&late, USER_ONLINE);
    twin_turn(twin, 0);
    twin_await(&late, "\"error\":406");
    twin_await(&before, "access revoked");
    assert_int_equal(twin_census(twin, 1), 0);
    twin_hang_up(&before);
    twin_hang_up(&late);
}

static void a_link_that_arrives_at_a_closing_gateway_is_closed_in_order(void **state)
{
    struct twin *twin = *state;
    struct twin_client before;
    struct twin_client late;

    twin_connect(twin, 0, &before); /* so that the token is remembered there */
    twin_say(&before, USER_ONLINE);
    twin_await(&before, "\"error\":0");
    twin_connect(twin, 0, &late);

    twin_say(&late, USER_ONLINE);
    twin_turn(twin, 0);
    gateway_close_all(twin->gateways[0]);
    gateway_close_all(twin->gateways[1]);
    twin_await(&late, "\x03\xe9server stops");
    assert_int_equal(twin_census(twin, 1), 0);
    twin_hang_up(&before);
    twin_hang_up(&late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_app_is_served_by_the_home_of_its_account, twin_open,
                                        twin_close),
        cmocka_unit_test_setup_teardown(a_token_revoked_on_the_way_home_opens_no_session, twin_open,
                                        twin_close),
        cmocka_unit_test_setup_teardown(a_link_that_arrives_at_a_closing_gateway_is_closed_in_order,
                                        twin_open, twin_close),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
