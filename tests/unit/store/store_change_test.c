/* The bytes of a journal's row: they come back as they were, and nothing else is taken for them. */
#include "store/store_change.h"

#include "base/alloc.h"
#include "store/store_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char large[STORE_PARAMS_MAX];

static void check_equal(const struct store_device_change *a, const struct store_device_change *b)
{
    assert_true(str_eq(a->params, b->params));
    assert_int_equal(a->params.ptr == NULL, b->params.ptr == NULL);
    assert_true(str_eq(a->model, b->model));
    assert_int_equal(a->online_ms, b->online_ms);
    assert_int_equal(a->offline_ms, b->offline_ms);
}

static void changes_come_back_in_their_order(void **state)
{
    const struct store_device_change changes[] = {
        {.params = STR("{\"switch\":\"on\"}")},
        {.params = STR("")},
        {.model = STR("ITA-GZ1-GL"), .online_ms = 1},
        {.offline_ms = INT64_MAX},
        {.params = {large, sizeof large}, .model = STR("m"), .online_ms = 127, .offline_ms = 128},
    };
    const int64_t numbers[] = {1, 127, 128, INT64_MAX, 1000000};
    struct buf bytes = BUF_EMPTY;
    struct store_device_change change;
    struct str rest;
    int64_t number;

    (void)state;
    memset(large, 'x', sizeof large);
    store_change_start(&bytes);
    for (size_t i = 0; i < 5; i++)
        store_change_append(&bytes, numbers[i], &changes[i]);
    rest = buf_str(&bytes);
    assert_int_equal(store_change_open(&rest), ERR_NONE);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(store_change_next(&rest, &number, &change), ERR_NONE);
        assert_int_equal(number, numbers[i]);
        check_equal(&change, &changes[i]);
    }
    assert_int_equal(store_change_next(&rest, &number, &change), ERR_NOT_FOUND);
    buf_free(&bytes);
}

static void an_empty_change_says_so(void **state)
{
    struct store_device_change change = {.id = STR("d"), .owner = STR("o")};

    (void)state;
    assert_true(store_change_is_empty(&change));
    change.params = STR("");
    assert_false(store_change_is_empty(&change));
}

/* Reads to the end; in memory of just that size, so that reading on would be found. */
static enum err read_all(const char *bytes, size_t len)
{
    char *copy = malloc(len);
    struct str rest = {copy, len};
    struct store_device_change change;
    int64_t number;
    enum err err;

    assert_non_null(copy);
    memcpy(copy, bytes, len);
    err = store_change_open(&rest);
    while (err == ERR_NONE)
        err = store_change_next(&rest, &number, &change);
    free(copy);
    return err;
}

static void bytes_that_end_early_are_damaged(void **state)
{
    const struct store_device_change change = {
        .params = STR("{}"), .model = STR("m"), .online_ms = 300, .offline_ms = 300};
    struct buf bytes = BUF_EMPTY;
    size_t one;

    (void)state;
    store_change_start(&bytes);
    store_change_append(&bytes, 300, &change);
    one = bytes.len;
    store_change_append(&bytes, 300, &change);
    for (size_t len = 0; len < bytes.len; len++)
        assert_int_equal(read_all(bytes.ptr, len),
                         len == 1 || len == one ? ERR_NOT_FOUND : ERR_INVALID);
    assert_int_equal(read_all(bytes.ptr, bytes.len), ERR_NOT_FOUND);
    buf_free(&bytes);
}

static void what_we_never_write_is_damaged(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
#define BYTES(text) {text, sizeof(text) - 1}
        BYTES("\0"),                                            /* no version of ours */
        BYTES("\2\1\1\1"),                                      /* a newer one */
        BYTES("\1\0\1\1"),                                      /* row 0 */
        BYTES("\1\1\0"),                                        /* nothing changed */
        BYTES("\1\1\x10\1"),                                    /* an unknown part */
        BYTES("\1\1\1\0"),                                      /* never, as a time */
        BYTES("\1\1\4\0"),                                      /* an empty model */
        BYTES("\1\1\4\2m\0"),                                   /* a NUL in it */
        BYTES("\1\1\x8\2{\0"),                                  /* a NUL in params */
        BYTES("\1\x80\x80\x80\x80\x80\x80\x80\x80\x80\1\1\1"),  /* more than 63 bits */
        BYTES("\1\1\x8\xff\xff\xff\xff\xff\xff\xff\xff\x7f{}"), /* params beyond the end */
        BYTES("\1\1\4\x41"
              "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm"), /* too long */
#undef BYTES
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(read_all(cases[i].bytes, cases[i].len), ERR_INVALID);
}

static void params_above_their_bound_are_damaged(void **state)
{
    static char bytes[8 + STORE_PARAMS_MAX];

    (void)state;
    memset(bytes, 'x', sizeof bytes);
    memcpy(bytes, "\1\1\x8\x81\x80\4", 6); /* 65537 */
    assert_int_equal(read_all(bytes, 6 + STORE_PARAMS_MAX + 1), ERR_INVALID);
    memcpy(bytes, "\1\1\x8\x80\x80\4", 6);
    assert_int_equal(read_all(bytes, 6 + STORE_PARAMS_MAX), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_come_back_in_their_order),
        cmocka_unit_test(an_empty_change_says_so),
        cmocka_unit_test(bytes_that_end_early_are_damaged),
        cmocka_unit_test(what_we_never_write_is_damaged),
        cmocka_unit_test(params_above_their_bound_are_damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
