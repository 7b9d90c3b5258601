#include "server/doors.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void set(struct config *config, const char *path, const char *text)
{
    struct config_given given = {.option = option_find(str_of(path)), .origin = CONFIG_FLAG};

    assert_int_equal(config_set_text(config, &given, str_of(text), NULL), ERR_NONE);
}

static void every_listening_address_is_a_door(void **state)
{
    struct config *config = config_new();
    struct doors doors;

    (void)state;
    set(config, "listen.tls", ":1,:2");
    set(config, "listen.tls_old", ":3");
    doors_from_config(config, &doors);
    assert_int_equal(doors.count, 3);
    assert_int_equal(doors.items[1].address.port, 2);
    assert_int_equal(doors.items[2].kind, DOOR_TLS_OLD);
    assert_true(doors_have(&doors, DOOR_TLS));
    assert_false(doors_have(&doors, DOOR_PLAIN));
    config_free(config);
}

static void a_proxy_header_is_expected_where_told(void **state)
{
    struct config *config = config_new();
    struct doors doors;

    (void)state;
    set(config, "listen.tls", ":1");
    set(config, "listen.plain", "127.0.0.1:2");
    doors_from_config(config, &doors);
    assert_false(doors.items[0].expects_proxy);
    assert_false(doors.items[1].expects_proxy);
    set(config, "listen.proxy_protocol", "plain");
    doors_from_config(config, &doors);
    assert_false(doors.items[0].expects_proxy);
    assert_true(doors.items[1].expects_proxy);
    set(config, "listen.proxy_protocol", "all");
    doors_from_config(config, &doors);
    assert_true(doors.items[0].expects_proxy);
    config_free(config);
}

static void tools_are_told_the_ports(void **state)
{
    struct config *config = config_new();
    struct doors doors;
    struct buf text = BUF_EMPTY;
    struct json_value document;
    char wanted[256];

    (void)state;
    set(config, "listen.tls", "127.0.0.1:8443");
    doors_from_config(config, &doors);
    doors_format(&doors, "/run/a \"b\"", &text);
    assert_int_equal(json_scan(buf_str(&text), &document), ERR_NONE);
    snprintf(wanted, sizeof wanted,
             "{\"pid\":%ld,\"listeners\":[{\"kind\":\"tls\",\"address\":\"127.0.0.1:8443\","
             "\"port\":8443}],\"control\":\"/run/a \\\"b\\\"\"}\n",
             (long)getpid());
    assert_true(str_eq(buf_str(&text), str_of(wanted)));
    buf_free(&text);
    config_free(config);
}

/* What the log says of the doors of such a configuration. */
static void logged(const char *path, const char *text, char *out, size_t cap)
{
    struct config *config = config_new();
    struct doors doors;
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    set(config, "listen.tls", "");
    set(config, path, text);
    doors_from_config(config, &doors);

    struct log *log = log_new(ends[1], LOG_INFO, LOG_TEXT, 0);

    doors_log(&doors, log);
    log_free(log);
    close(ends[1]);

    ssize_t got = read(ends[0], out, cap - 1);

    out[got > 0 ? got : 0] = '\0';
    close(ends[0]);
    config_free(config);
}

static void weak_doors_are_warned_of(void **state)
{
    char text[1024];

    (void)state;
    logged("listen.tls", "127.0.0.1:8443", text, sizeof text);
    assert_non_null(strstr(text, "listener.open address=127.0.0.1:8443 kind=tls"));
    assert_null(strstr(text, "warn"));
    logged("listen.tls_old", "127.0.0.1:8443", text, sizeof text);
    assert_non_null(strstr(text, "warn listener.weak address=127.0.0.1:8443"));
    logged("listen.plain", "127.0.0.1:8081", text, sizeof text);
    assert_null(strstr(text, "warn"));
    logged("listen.plain", ":8081", text, sizeof text);
    assert_non_null(strstr(text, "warn listener.weak"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_listening_address_is_a_door),
        cmocka_unit_test(a_proxy_header_is_expected_where_told),
        cmocka_unit_test(tools_are_told_the_ports),
        cmocka_unit_test(weak_doors_are_warned_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
