#include "ctl/ctl_import.h"

#include "ctl_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct ctl_run run;

#define IMPORT(rig, input, ...)                                                                    \
    ctl_run(rig, input, (const char *const[]){"device", "import", __VA_ARGS__, NULL}, &run)
#define ERR_HAS(text) assert_non_null(strstr(run.err, text))

static int count_devices(struct admin_rig *rig)
{
    const char *at = admin_rig_ask(rig, "{\"verb\":\"device list\"}");
    int count = 0;

    for (; (at = strstr(at, "{\"row\":")) != NULL; at++)
        count++;
    return count;
}

static void columns_may_stand_in_any_order(void **state)
{
    struct admin_rig *rig = *state;

    IMPORT(rig, "Name,key,deviceid\r\n\"Hall, upstairs\",K1,1000000001\r\n,K2,1000000002\r\n", "-");
    assert_int_equal(run.status, CTL_OK);
    assert_string_equal(run.out, "imported  2\nskipped   0\n");
    ERR_HAS("2 of 2 devices\n");
    admin_rig_do(rig, "{\"verb\":\"device show\",\"args\":{\"id\":\"1000000001\",\"key\":true}}");
    assert_non_null(strstr(rig->answers.ptr, "\"name\":\"Hall, upstairs\""));
    assert_non_null(strstr(rig->answers.ptr, "\"key\":\"K1\""));
}

static void a_wrong_file_is_refused_before_anything_is_sent(void **state)
{
    struct admin_rig *rig = *state;

    IMPORT(rig, "deviceid,key\n1000000001,K1\n1000000002\n\"1000000003,K3\n", "-");
    assert_int_equal(run.status, CTL_USAGE);
    ERR_HAS("line 3: 1 fields where the header has 2\n");
    ERR_HAS("line 4: a quoted field has no end\n");
    ERR_HAS("2 lines of - are wrong; nothing was imported");
    IMPORT(rig, "1000000001,K1\n", "-");
    assert_int_equal(run.status, CTL_USAGE);
    ERR_HAS("line 1: no column '1000000001'");
    IMPORT(rig, "deviceid,keys\n", "-");
    ERR_HAS("no column 'keys', did you mean 'key'");
    IMPORT(rig, "deviceid,key,key\n", "-");
    ERR_HAS("line 1: a column stands twice");
    IMPORT(rig, "deviceid,name\n", "-");
    ERR_HAS("header with at least deviceid and key");
    IMPORT(rig, "", "-");
    ERR_HAS("line 1: the file is empty");
    IMPORT(rig, NULL, "/nonexistent.csv");
    assert_int_equal(run.status, CTL_USAGE);
    ERR_HAS("can't read /nonexistent.csv");
    assert_int_equal(count_devices(rig), 0);
}

static void a_header_alone_imports_nothing(void **state)
{
    struct admin_rig *rig = *state;

    IMPORT(rig, "deviceid,key\n", "-", "--json");
    assert_int_equal(run.status, CTL_OK);
    assert_string_equal(run.out, "{\"imported\":0,\"skipped\":0}\n");
}

static void what_the_server_refuses_is_named_by_line(void **state)
{
    struct admin_rig *rig = *state;

    IMPORT(rig, "deviceid,key,owner\n1000000001,K1,\nbad id,K2,\n1000000003,K3,eve\n", "-");
    assert_int_equal(run.status, CTL_REFUSED);
    ERR_HAS("line 3: 'deviceid' must be");
    ERR_HAS("line 4: 'owner' must be");
    ERR_HAS("switchyard ctl: 2 of 3 rows are wrong; nothing of this batch was imported\n");
    ERR_HAS("The 0 rows before are imported; this batch of 3 and what is behind it are not.\n");
    assert_int_equal(count_devices(rig), 0);
}

static char *many_rows(int count)
{
    size_t cap = 64 + (size_t)count * 64;
    char *text = malloc(cap);
    size_t len = (size_t)snprintf(text, cap, "deviceid,key,name\n");

    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, cap - len, "1000%06x,K%d,Lamp %d\n", (unsigned)i, i, i);
    return text;
}

static void a_failed_batch_leaves_those_before_and_can_be_gone_on_with(void **state)
{
    struct admin_rig *rig = *state;
    char *text = many_rows(2500);

    admin_rig_do(rig, "{\"verb\":\"device create\",\"args\":{\"id\":\"10000004b0\"}}");
    IMPORT(rig, text, "-");
    assert_int_equal(run.status, CTL_REFUSED);
    ERR_HAS("line 1202: there is a device '10000004b0' already\n");
    ERR_HAS("The 1000 rows before are imported; this batch of 1000 and");
    assert_int_equal(count_devices(rig), 1001);
    IMPORT(rig, text, "-", "--skip-existing");
    assert_int_equal(run.status, CTL_OK);
    assert_string_equal(run.out, "imported  1499\nskipped   1001\n");
    assert_int_equal(count_devices(rig), 2500);
    free(text);
}

static void a_missing_server_is_told_apart(void **state)
{
    struct admin_rig *rig = *state;

    IMPORT(rig, "deviceid,key\n1000000001,K1\n", "-", "--socket", "/nonexistent");
    assert_int_equal(run.status, CTL_UNREACHABLE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, admin_rig_open, admin_rig_close)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(columns_may_stand_in_any_order),
        TEST(a_wrong_file_is_refused_before_anything_is_sent),
        TEST(a_header_alone_imports_nothing),
        TEST(what_the_server_refuses_is_named_by_line),
        TEST(a_failed_batch_leaves_those_before_and_can_be_gone_on_with),
        TEST(a_missing_server_is_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
