#include "server/tls_setup.h"

#include "base/crypto.h"
#include "scratch.h"
#include "server/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void set(struct config *config, const char *path, const char *text)
{
    struct config_given given = {.option = option_find(str_of(path)), .origin = CONFIG_FLAG};

    assert_int_equal(config_set_text(config, &given, str_of(text), NULL), ERR_NONE);
}

static struct config *config_in(const struct scratch *scratch)
{
    struct config *config = config_new();

    set(config, "data", scratch->directory);
    set(config, "tls.names", "one.example,192.0.2.7");
    return config;
}

static void open_and_close(const struct config *config)
{
    struct tls_setup *setup = NULL;
    struct problem problem = {.text = ""};
    struct doors doors;

    doors_from_config(config, &doors);
    if (tls_setup_open(config, &doors, NULL, &problem, &setup))
        fail_msg("%s", problem.text);
    assert_non_null(tls_setup_transports(setup, DOOR_TLS));
    assert_null(tls_setup_transports(setup, DOOR_PLAIN));
    assert_true(tls_setup_expiry(setup) > time(NULL));
    tls_setup_close(setup);
}

static void content(const struct scratch *scratch, const char *name, struct buf *out)
{
    char path[SCRATCH_PATH_CAP];

    buf_clear(out);
    assert_int_equal(file_read(scratch_path(scratch, name, path), 65536, out, NULL), ERR_NONE);
}

static void certificates_are_made_once(void **state)
{
    struct config *config = config_in(*state);
    struct buf first = BUF_EMPTY;
    struct buf second = BUF_EMPTY;

    open_and_close(config);
    content(*state, "server-ecdsa.pem", &first);
    open_and_close(config);
    content(*state, "server-ecdsa.pem", &second);
    assert_true(str_eq(buf_str(&first), buf_str(&second)));
    buf_free(&first);
    buf_free(&second);
    config_free(config);
}

static void other_names_make_another_certificate_of_the_same_ca(void **state)
{
    struct config *config = config_in(*state);
    struct buf ca = BUF_EMPTY;
    struct buf server = BUF_EMPTY;
    struct buf found = BUF_EMPTY;

    open_and_close(config);
    content(*state, "ca.pem", &ca);
    content(*state, "server-ecdsa.pem", &server);
    set(config, "tls.names", "two.example");
    open_and_close(config);
    content(*state, "server-ecdsa.pem", &found);
    assert_false(str_eq(buf_str(&server), buf_str(&found)));
    content(*state, "ca.pem", &found);
    assert_true(str_eq(buf_str(&ca), buf_str(&found)));
    buf_free(&ca);
    buf_free(&server);
    buf_free(&found);
    config_free(config);
}

static void configured_certificates_are_used_and_read_again(void **state)
{
    struct config *config = config_in(*state);
    struct tls_setup *setup = NULL;
    struct problem problem;
    struct doors doors;
    char chain[SCRATCH_PATH_CAP];
    char key[SCRATCH_PATH_CAP];
    char pair[2 * SCRATCH_PATH_CAP];

    open_and_close(config);
    scratch_path(*state, "server-ecdsa.pem", chain);
    scratch_path(*state, "server-ecdsa.key", key);
    snprintf(pair, sizeof pair, "%s:%s", chain, key);
    set(config, "tls.certificates", pair);
    set(config, "listen.tls_old", ":0");
    doors_from_config(config, &doors);
    assert_int_equal(tls_setup_open(config, &doors, NULL, NULL, &setup), ERR_NONE);
    assert_non_null(tls_setup_transports(setup, DOOR_TLS_OLD));
    assert_ptr_not_equal(tls_setup_transports(setup, DOOR_TLS_OLD),
                         tls_setup_transports(setup, DOOR_TLS));
    assert_int_equal(tls_setup_reload(setup, config, NULL), ERR_NONE);
    tls_setup_rotate(setup, 1000);

    assert_int_equal(unlink(key), 0);
    assert_int_not_equal(tls_setup_reload(setup, config, &problem), ERR_NONE);
    assert_non_null(strstr(problem.text, "server-ecdsa"));
    assert_true(tls_setup_expiry(setup) > time(NULL));
    tls_setup_close(setup);
    config_free(config);
}

static void without_a_tls_door_nothing_is_made(void **state)
{
    struct config *config = config_in(*state);
    struct tls_setup *setup = NULL;
    struct doors doors;
    char path[SCRATCH_PATH_CAP];

    set(config, "listen.tls", "");
    set(config, "listen.plain", "127.0.0.1:0");
    doors_from_config(config, &doors);
    assert_int_equal(tls_setup_open(config, &doors, NULL, NULL, &setup), ERR_NONE);
    assert_int_equal(tls_setup_expiry(setup), 0);
    tls_setup_rotate(setup, 1000);
    assert_int_equal(tls_setup_reload(setup, config, NULL), ERR_NONE);
    tls_setup_close(setup);
    assert_int_not_equal(access(scratch_path(*state, "ca.pem", path), F_OK), 0);
    config_free(config);
}

static void a_bad_name_is_told(void **state)
{
    struct config *config = config_in(*state);
    struct tls_setup *setup = NULL;
    struct problem problem = {.text = ""};
    struct doors doors;

    set(config, "tls.names", "not a name");
    doors_from_config(config, &doors);
    assert_int_equal(tls_setup_open(config, &doors, NULL, &problem, &setup), ERR_INVALID);
    assert_non_null(strstr(problem.text, "not a name"));
    assert_null(setup);
    config_free(config);
}

#define SCRATCH_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, scratch_open, scratch_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(certificates_are_made_once),
        SCRATCH_TEST(other_names_make_another_certificate_of_the_same_ca),
        SCRATCH_TEST(configured_certificates_are_used_and_read_again),
        SCRATCH_TEST(without_a_tls_door_nothing_is_made),
        SCRATCH_TEST(a_bad_name_is_told),
    };

    if (crypto_init())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
