#include "admin_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "admin/admin_import.h"

#include <stdlib.h>

#define ANN "8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e"
#define IMPORT "{\"verb\":\"device import\",\"args\":{"

static int open_rig(void **state)
{
    admin_rig_open(state);
    admin_rig_add_user(*state, "ann@example.com", ANN);
    return 0;
}

static int count_devices(struct admin_rig *rig)
{
    const char *at = admin_rig_ask(rig, "{\"verb\":\"device list\"}");
    int count = 0;

    for (; (at = strstr(at, "{\"row\":")) != NULL; at++)
        count++;
    return count;
}

static void a_batch_is_imported_with_its_owners(void **state)
{
    struct admin_rig *rig = *state;

    assert_non_null(
        strstr(admin_rig_do(rig, IMPORT "\"rows\":["
                                        "[2,\"1000000001\",\"K1\",\"Hall\",\"S26\",\"" ANN "\"],"
                                        "[3,\"1000000002\",\"K2\",\"\",\"\",\"ann@example.com\"],"
                                        "[4,\"1000000003\",\"K3\",\"\",\"\",\"ann@example.com\"],"
                                        "[5,\"1000000004\",\"K4\",\"\",\"\",\"\"]]}}"),
               "{\"imported\":4,\"skipped\":0}"));
    assert_int_equal(count_devices(rig), 4);
    admin_rig_do(rig, "{\"verb\":\"device show\",\"args\":{\"id\":\"1000000001\",\"key\":true}}");
    assert_non_null(
        strstr(rig->answers.ptr, "\"name\":\"Hall\",\"model\":\"S26\",\"owner\":\"" ANN));
    assert_non_null(strstr(rig->answers.ptr, "\"key\":\"K1\""));
    admin_rig_do(rig, "{\"verb\":\"device show\",\"args\":{\"id\":\"1000000003\"}}");
    assert_non_null(strstr(rig->answers.ptr, "\"owner\":\"" ANN));
    admin_rig_do(rig, "{\"verb\":\"device show\",\"args\":{\"id\":\"1000000004\"}}");
    assert_non_null(strstr(rig->answers.ptr, "\"owner\":\"\""));
}

static void bad_rows_are_named_by_line_and_nothing_is_imported(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_expect_refusal(rig,
                             IMPORT
                             "\"rows\":["
                             "[2,\"1000000001\",\"K1\",\"\",\"\",\"\"],"
                             "[3,\"bad id\",\"K2\",\"\",\"\",\"\"],"
                             "[4,\"1000000003\",\"\",\"\",\"\",\"nobody\"]]}}",
                             "invalid",
                             "3 of 3 rows are wrong; nothing of this batch was imported");
    assert_non_null(strstr(rig->answers.ptr, "{\"line\":3,\"text\":\"'deviceid' must be 1 to 32"));
    assert_non_null(strstr(rig->answers.ptr, "{\"line\":4,\"text\":\"'key' must be 1 to 64"));
    assert_non_null(strstr(rig->answers.ptr, "{\"line\":4,\"text\":\"'owner' must be an account"));
    assert_int_equal(count_devices(rig), 0);
}

static void a_device_that_stands_twice_is_named(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_expect_refusal(rig,
                             IMPORT
                             "\"rows\":["
                             "[2,\"1000000001\",\"K1\",\"\",\"\",\"\"],"
                             "[7,\"1000000001\",\"K2\",\"\",\"\",\"\"]]}}",
                             "invalid", "1 of 2 rows are wrong");
    assert_non_null(strstr(rig->answers.ptr,
                           "{\"line\":7,\"text\":\"the device '1000000001' stands in line 2"));
}

static void unknown_owners_are_named(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_expect_refusal(rig,
                             IMPORT
                             "\"rows\":["
                             "[2,\"1000000001\",\"K1\",\"\",\"\",\"eve@example.com\"],"
                             "[3,\"1000000002\",\"K2\",\"\",\"\",\"ann@example.com\"]]}}",
                             "invalid", "1 of 2 rows are wrong");
    assert_non_null(
        strstr(rig->answers.ptr, "{\"line\":2,\"text\":\"there is no user 'eve@example.com'\"}"));
    admin_rig_expect_refusal(rig,
                             IMPORT
                             "\"rows\":[[9,\"1000000001\",\"K1\",\"\",\"\","
                             "\"00000000-2f1c-4b1e-9e0c-6a3c6a3c1d2e\"]]}}",
                             "invalid", "1 of 1 rows are wrong");
    assert_non_null(strstr(rig->answers.ptr, "{\"line\":9,\"text\":\"there is no user '00000000-"));
    assert_int_equal(count_devices(rig), 0);
}

static void registered_devices_are_named_or_skipped(void **state)
{
    struct admin_rig *rig = *state;
    const char *rows =
        "\"rows\":[[2,\"1000000001\",\"K1\",\"\",\"\",\"\"],"
        "[3,\"1000000002\",\"K2\",\"\",\"\",\"\"]]}}";
    char line[512];

    admin_rig_do(rig, IMPORT "\"rows\":[[2,\"1000000001\",\"K1\",\"\",\"\",\"\"]]}}");
    snprintf(line, sizeof line, IMPORT "%s", rows);
    admin_rig_expect_refusal(rig, line, "invalid", "1 of 2 rows are wrong");
    assert_non_null(strstr(rig->answers.ptr,
                           "{\"line\":2,\"text\":\"there is a device '1000000001' already\"}"));
    assert_int_equal(count_devices(rig), 1);
    snprintf(line, sizeof line, IMPORT "\"skip-existing\":true,%s", rows);
    assert_non_null(strstr(admin_rig_do(rig, line), "{\"imported\":1,\"skipped\":1}"));
    assert_int_equal(count_devices(rig), 2);
    assert_non_null(strstr(admin_rig_do(rig, line), "{\"imported\":0,\"skipped\":2}"));
}

static void rows_of_another_shape_are_refused(void **state)
{
    static const char *const rows[] = {
        "5",
        "[]",
        "[\"2\",\"i\",\"k\",\"n\",\"m\",\"o\"]",
        "[2,\"i\",\"k\",\"n\",\"m\"]",
        "[2,\"i\",\"k\",\"n\",\"m\",\"\",\"more\"]",
    };
    struct admin_rig *rig = *state;
    char line[256];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(line, sizeof line, IMPORT "\"rows\":[%s]}}", rows[i]);
        admin_rig_expect_refusal(rig, line, "invalid",
                                 "each row must be [line, id, key, name, model, owner]");
    }
    assert_non_null(
        strstr(admin_rig_do(rig, IMPORT "\"rows\":[]}}"), "{\"imported\":0,\"skipped\":0}"));
}

static char *many_rows(size_t count)
{
    size_t cap = 100 + count * 64;
    char *line = calloc(1, cap);
    size_t len = (size_t)snprintf(line, cap, IMPORT "\"rows\":[");

    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(line + len, cap - len, "%s[%zu,\"1000%06zx\",\"K\",\"\",\"\",\"\"]",
                                i == 0 ? "" : ",", i + 2, i);
    snprintf(line + len, cap - len, "]}}");
    return line;
}

static void a_batch_has_a_bound(void **state)
{
    struct admin_rig *rig = *state;
    char *line = many_rows(ADMIN_IMPORT_ROWS);
    char *longer = many_rows(ADMIN_IMPORT_ROWS + 1);

    admin_rig_expect_refusal(rig, longer, "too_large", "a batch has at most 1000 rows");
    assert_non_null(strstr(admin_rig_do(rig, line), "{\"imported\":1000,"));
    admin_rig_expect_refusal(rig, line, "invalid", "1000 of 1000 rows are wrong");
    free(line);
    free(longer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_rig, admin_rig_close)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_batch_is_imported_with_its_owners),
        TEST(bad_rows_are_named_by_line_and_nothing_is_imported),
        TEST(a_device_that_stands_twice_is_named),
        TEST(unknown_owners_are_named),
        TEST(registered_devices_are_named_or_skipped),
        TEST(rows_of_another_shape_are_refused),
        TEST(a_batch_has_a_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
