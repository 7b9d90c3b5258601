#include "ctl/ctl.h"

#include "ctl_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static struct ctl_run run;

#define RUN(rig, ...) ctl_run(rig, NULL, (const char *const[]){__VA_ARGS__, NULL}, &run)
#define RUN_WITH(rig, input, ...)                                                                  \
    ctl_run(rig, input, (const char *const[]){__VA_ARGS__, NULL}, &run)

#define OUT_HAS(text) assert_non_null(strstr(run.out, text))
#define ERR_HAS(text) assert_non_null(strstr(run.err, text))

static void a_created_app_is_shown_with_its_secret_once(void **state)
{
    struct admin_rig *rig = *state;

    RUN(rig, "app", "create", "--id", "A1", "--secret=S1", "--name", "Home panel");
    assert_int_equal(run.status, CTL_OK);
    OUT_HAS("id        A1\n");
    OUT_HAS("secret    S1\n");
    OUT_HAS("quirks    -\n");
    ERR_HAS("Keep the secret");
    RUN(rig, "app", "list");
    OUT_HAS("ID  NAME        QUIRKS  DISABLED  CREATED\n");
    OUT_HAS("A1  Home panel  -       no        20");
    assert_null(strstr(run.out, "S1"));
}

static void json_is_one_document(void **state)
{
    struct admin_rig *rig = *state;

    RUN(rig, "app", "list", "--json");
    assert_string_equal(run.out, "[]\n");
    RUN(rig, "app", "create", "--id", "A1", "--json", "--quirk", "unverified-sign", "--quirk",
        "missing-parameters");
    assert_int_equal(run.out[0], '{');
    OUT_HAS("\"quirks\":[\"missing-parameters\",\"unverified-sign\"]");
    assert_string_equal(run.err, "");
    RUN(rig, "app", "create", "--id", "A2");
    RUN(rig, "--json", "app", "list");
    assert_memory_equal(run.out, "[\n{\"id\":\"A1\"", 12);
    OUT_HAS("},\n{\"id\":\"A2\"");
    OUT_HAS("}\n]\n");
}

static void a_refusal_goes_to_stderr_with_its_status(void **state)
{
    struct admin_rig *rig = *state;

    RUN(rig, "app", "disable", "A9");
    assert_int_equal(run.status, CTL_REFUSED);
    assert_string_equal(run.out, "");
    assert_string_equal(run.err,
                        "switchyard ctl: there is no app 'A9'\n"
                        "  `switchyard ctl app list` shows them all\n");
    RUN(rig, "app", "disable", "A9", "--json");
    assert_int_equal(run.status, CTL_REFUSED);
    ERR_HAS("{\"code\":\"not_found\"");
}

static void a_wrong_line_is_explained_without_a_server(void **state)
{
    struct admin_rig *rig = *state;

    RUN(rig, "app", "crete");
    assert_int_equal(run.status, CTL_USAGE);
    ERR_HAS("no verb 'app crete'\ndid you mean 'app create'?");
    RUN(rig, "token", "issue", "--user", "ann@example.com");
    assert_int_equal(run.status, CTL_USAGE);
    ERR_HAS("'token issue' needs --app");
}

static void a_missing_server_is_told_apart(void **state)
{
    struct admin_rig *rig = *state;

    RUN(rig, "status", "--socket", "/nonexistent/control.sock");
    assert_int_equal(run.status, CTL_UNREACHABLE);
    ERR_HAS("no server listens on /nonexistent/control.sock");
    ERR_HAS("switchyard serve");
}

static void a_password_is_read_from_stdin_when_it_is_no_terminal(void **state)
{
    struct admin_rig *rig = *state;

    RUN(rig, "user", "create", "ann@example.com");
    OUT_HAS("password      ");
    ERR_HAS("Keep the password");
    RUN_WITH(rig, "correct horse\n", "user", "passwd", "ann@example.com");
    assert_int_equal(run.status, CTL_OK);
    assert_null(strstr(run.out, "correct horse"));
    RUN_WITH(rig, "short\n", "user", "passwd", "ann@example.com");
    assert_int_equal(run.status, CTL_REFUSED);
    ERR_HAS("'password' must be 8 to 128 bytes");
    RUN_WITH(rig, "", "user", "passwd", "ann@example.com");
    assert_int_equal(run.status, CTL_USAGE);
    ERR_HAS("no password was given");
    RUN_WITH(rig, "battery staple\n", "user", "create", "bob@example.com", "--ask-password");
    assert_int_equal(run.status, CTL_OK);
    assert_null(strstr(run.err, "Keep the password"));
}

static void a_generated_password_is_shown_and_nothing_is_asked(void **state)
{
    struct admin_rig *rig = *state;

    RUN(rig, "user", "create", "+8613512345678", "--password", "12345678");
    assert_int_equal(run.status, CTL_OK);
    RUN(rig, "user", "passwd", "+8613512345678", "--generate");
    assert_int_equal(run.status, CTL_OK);
    OUT_HAS("password");
}

static void status_is_readable(void **state)
{
    struct admin_rig *rig = *state;

    RUN(rig, "status");
    assert_int_equal(run.status, CTL_OK);
    OUT_HAS("version              1.2.3\n");
    OUT_HAS("ready                yes\n");
    OUT_HAS("reasons              -\n");
    OUT_HAS("certificate expires  2030-03-17 17:46:40Z\n");
    OUT_HAS(" MiB\n");
}

static void help_comes_at_every_level(void **state)
{
    struct admin_rig *rig = *state;

    RUN(rig, "--help");
    assert_int_equal(run.status, CTL_OK);
    OUT_HAS("device import");
    OUT_HAS("Exit status: 0 done; 1 refused");
    RUN(rig, "token", "--help");
    OUT_HAS("token revoke");
    assert_null(strstr(run.out, "device import"));
    RUN(rig, "help", "token", "issue");
    OUT_HAS("switchyard ctl token issue --user USER --app ID [--kind KIND]");
    OUT_HAS("  --kind KIND             access or refresh (default: access)\n");
    OUT_HAS("  switchyard ctl token issue --user ann@example.com --app oeVkj");
    RUN(rig, "app", "create", "-h");
    OUT_HAS("[--quirk NAME]...");
    RUN(rig, "app");
    assert_int_equal(run.status, CTL_USAGE);
    ERR_HAS("'app' needs a verb");
}

static void a_server_that_goes_away_is_noticed(void **state)
{
    struct admin_rig *rig = *state;

    admin_stop(rig->admin);
    RUN(rig, "status");
    assert_int_equal(run.status, CTL_UNREACHABLE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, admin_rig_open, admin_rig_close)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_created_app_is_shown_with_its_secret_once),
        TEST(json_is_one_document),
        TEST(a_refusal_goes_to_stderr_with_its_status),
        TEST(a_wrong_line_is_explained_without_a_server),
        TEST(a_missing_server_is_told_apart),
        TEST(a_password_is_read_from_stdin_when_it_is_no_terminal),
        TEST(a_generated_password_is_shown_and_nothing_is_asked),
        TEST(status_is_readable),
        TEST(help_comes_at_every_level),
        TEST(a_server_that_goes_away_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
