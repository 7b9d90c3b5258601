#include "household.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The store says "off": who has seen this has not asked it. */
#define READ "{\"switch\":\"as read\"}"

static int open_home(void **state)
{
    static struct household home;

    household_open(&home);
    *state = &home;
    return 0;
}

static int close_home(void **state)
{
    household_close(*state);
    return 0;
}

/* A worker reads the device's row now. */
static struct device_reading read_now(const struct household *home)
{
    return (struct device_reading){STR(READ), device_epochs_get(home->epochs, STR(DEVICE)), false};
}

static void expect_params(const struct witness *device, const char *params)
{
    struct str got = device_link_params(device->link);

    assert_int_equal(got.len, strlen(params));
    assert_memory_equal(got.ptr, params, got.len);
}

static void what_was_read_with_the_key_is_not_read_again(void **state)
{
    struct household *home = *state;
    const struct device_reading reading = read_now(home);
    struct witness app;
    struct witness device;

    witness_app(&app, home, OWNER);
    witness_device_read(&device, home, DEVICE, &reading);
    witness_was_told(&device, "open no error\n"); /* before the store could have answered */
    witness_was_told(&app, "online " DEVICE "\n");
    expect_params(&device, READ);
    witness_update(&app, DEVICE, "s1", "{\"a\":1}");
    witness_was_told(&device, "command {\"a\":1}\n");
    witness_leave(&app);
    witness_leave(&device);
}

/* It was in memory when it was read, was changed there, and is gone from there again. */
static void a_device_that_was_forgotten_since_is_read_again(void **state)
{
    struct household *home = *state;
    struct device_reading reading;
    struct witness device;

    witness_device(&device, home, DEVICE);
    reading = read_now(home);
    assert_int_equal(witness_report(&device, "{\"switch\":\"on\"}"), ERR_NONE);
    household_settle(home);
    witness_leave(&device);
    witness_device_read(&device, home, DEVICE, &reading);
    witness_was_told(&device, "");
    household_settle(home);
    witness_was_told(&device, "open no error\n");
    expect_params(&device, "{\"switch\":\"on\"}");
    witness_leave(&device);
}

static void a_device_that_an_operator_has_changed_since_is_read_again(void **state)
{
    struct household *home = *state;
    const struct device_reading reading = read_now(home);
    const struct bus_event changed = {.topic = BUS_DEVICE_CHANGED, .subject = DEVICE};
    struct witness device;

    accounts_on_event(home->accounts, &changed);
    witness_device_read(&device, home, DEVICE, &reading);
    witness_was_told(&device, "");
    household_settle(home);
    witness_was_told(&device, "open no error\n");
    expect_params(&device, "{\"switch\":\"off\"}");
    witness_leave(&device);
}

static void a_change_of_another_device_is_no_reason_to_read_again(void **state)
{
    struct household *home = *state;
    const struct device_reading reading = read_now(home);
    const struct bus_event changed = {.topic = BUS_DEVICE_CHANGED, .subject = "100000140f"};
    struct witness device;

    accounts_on_event(home->accounts, &changed);
    witness_device_read(&device, home, DEVICE, &reading);
    witness_was_told(&device, "open no error\n");
    witness_leave(&device);
}

static void what_is_in_memory_counts_rather_than_what_was_read(void **state)
{
    struct household *home = *state;
    const struct device_reading reading = read_now(home);
    struct witness first;
    struct witness second;

    witness_device(&first, home, DEVICE);
    witness_device_read(&second, home, DEVICE, &reading);
    witness_was_told(&second, "open no error\n");
    witness_was_told(&first, "open no error\nend replaced\n");
    expect_params(&second, "{\"switch\":\"off\"}");
    witness_leave(&first);
    witness_leave(&second);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_home, close_home)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_read_with_the_key_is_not_read_again),
        TEST(a_device_that_was_forgotten_since_is_read_again),
        TEST(a_device_that_an_operator_has_changed_since_is_read_again),
        TEST(a_change_of_another_device_is_no_reason_to_read_again),
        TEST(what_is_in_memory_counts_rather_than_what_was_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
