#include "tls/tls_make.h"

#include "base/alloc.h"
#include "tls_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const struct str names[] = {
    {"iot.example.org", 15}, {"*.iot.example.org", 17}, {"localhost", 9},
    {"192.0.2.7", 9},        {"2001:db8::7", 11},
};

enum { NAMES = sizeof names / sizeof *names };

static int make_files(void **state)
{
    struct tls_files *files = alloc_zero(sizeof *files);

    tls_files_make(files, names, NAMES);
    *state = files;
    return 0;
}

static int remove_files(void **state)
{
    tls_files_remove(*state);
    free(*state);
    return 0;
}

static X509 *read_certificate(const char *path)
{
    FILE *file = fopen(path, "re");
    X509 *certificate;

    assert_non_null(file);
    certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(certificate);
    return certificate;
}

/* OpenSSL's verdict on the server certificate at `path` below the root in `ca`, as a server's. */
static int verdict(const char *ca, const char *path)
{
    X509_STORE *roots = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509 *certificate = read_certificate(path);
    int result;

    assert_int_equal(X509_STORE_load_file(roots, ca), 1);
    assert_int_equal(X509_STORE_CTX_init(ctx, roots, certificate, NULL), 1);
    X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(ctx), X509_V_FLAG_X509_STRICT);
    X509_verify_cert(ctx);
    result = X509_STORE_CTX_get_error(ctx);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(roots);
    X509_free(certificate);
    return result;
}

static void the_server_certificates_verify_strictly_below_the_ca(void **state)
{
    struct tls_files *files = *state;

    for (size_t i = 0; i < 2; i++)
        assert_int_equal(verdict(files->ca, files->both[i].chain), X509_V_OK);
}

static void all_names_and_addresses_match_and_others_do_not(void **state)
{
    struct tls_files *files = *state;

    for (size_t i = 0; i < 2; i++) {
        X509 *server = read_certificate(files->both[i].chain);

        assert_int_equal(X509_check_host(server, "iot.example.org", 0, 0, NULL), 1);
        assert_int_equal(X509_check_host(server, "a.iot.example.org", 0, 0, NULL), 1);
        assert_int_equal(X509_check_host(server, "localhost", 0, 0, NULL), 1);
        assert_int_equal(X509_check_ip_asc(server, "192.0.2.7", 0), 1);
        assert_int_equal(X509_check_ip_asc(server, "2001:db8::7", 0), 1);
        assert_int_equal(X509_check_host(server, "a.b.iot.example.org", 0, 0, NULL), 0);
        assert_int_equal(X509_check_host(server, "example.org", 0, 0, NULL), 0);
        assert_int_equal(X509_check_ip_asc(server, "192.0.2.8", 0), 0);
        X509_free(server);
    }
}

static bool is_critical(const X509 *certificate, int nid)
{
    int at = X509_get_ext_by_NID(certificate, nid, -1);

    assert_true(at >= 0);
    return X509_EXTENSION_get_critical(X509_get_ext(certificate, at)) == 1;
}

static void each_certificate_may_do_its_own_work_only(void **state)
{
    struct tls_files *files = *state;
    X509 *ca = read_certificate(files->ca);
    X509 *ecdsa = read_certificate(files->both[0].chain);
    X509 *rsa = read_certificate(files->both[1].chain);

    assert_int_equal(X509_check_ca(ca), 1);
    assert_int_equal(X509_get_pathlen(ca), 0);
    assert_int_equal(X509_get_key_usage(ca), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
    assert_true(is_critical(ca, NID_basic_constraints) && is_critical(ca, NID_key_usage));

    assert_int_equal(X509_check_ca(ecdsa), 0);
    assert_int_equal(X509_get_key_usage(ecdsa), KU_DIGITAL_SIGNATURE);
    assert_int_equal(X509_get_extended_key_usage(ecdsa), XKU_SSL_SERVER);
    assert_int_equal(EVP_PKEY_get_base_id(X509_get0_pubkey(ecdsa)), EVP_PKEY_EC);

    assert_int_equal(X509_check_ca(rsa), 0);
    assert_int_equal(X509_get_key_usage(rsa), KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT);
    assert_int_equal(X509_get_extended_key_usage(rsa), XKU_SSL_SERVER);
    assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(rsa)), 2048);
    assert_non_null(X509_get0_authority_key_id(rsa));
    assert_int_equal(ASN1_STRING_cmp(X509_get0_authority_key_id(rsa), X509_get0_subject_key_id(ca)),
                     0);
    X509_free(ca);
    X509_free(ecdsa);
    X509_free(rsa);
}

/* Days from one time to another, as OpenSSL counts them. */
static int days_between(const ASN1_TIME *from, const ASN1_TIME *to)
{
    int days;
    int seconds;

    assert_int_equal(ASN1_TIME_diff(&days, &seconds, from, to), 1);
    return days;
}

static void the_times_are_as_promised(void **state)
{
    struct tls_files *files = *state;
    X509 *ca = read_certificate(files->ca);
    X509 *server = read_certificate(files->both[0].chain);

    /* Validity plus the hour that they begin in the past. */
    assert_int_equal(days_between(X509_get0_notBefore(server), X509_get0_notAfter(server)), 30);
    assert_int_equal(days_between(X509_get0_notBefore(ca), X509_get0_notAfter(ca)), 3653);
    assert_true(X509_cmp_current_time(X509_get0_notBefore(server)) < 0);
    X509_free(ca);
    X509_free(server);
}

static void serial_numbers_are_long_and_never_the_same(void **state)
{
    struct tls_files *files = *state;
    X509 *ecdsa = read_certificate(files->both[0].chain);
    X509 *rsa = read_certificate(files->both[1].chain);

    assert_int_equal(ASN1_STRING_length(X509_get0_serialNumber(ecdsa)), 16);
    assert_int_equal(ASN1_STRING_length(X509_get0_serialNumber(rsa)), 16);
    assert_int_not_equal(
        ASN1_INTEGER_cmp(X509_get0_serialNumber(ecdsa), X509_get0_serialNumber(rsa)), 0);
    X509_free(ecdsa);
    X509_free(rsa);
}

static mode_t mode_of(const struct tls_files *files, const char *name)
{
    char path[128];
    struct stat st;

    snprintf(path, sizeof path, "%s/%s", files->directory, name);
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

static void keys_are_for_the_owner_only(void **state)
{
    struct tls_files *files = *state;

    assert_int_equal(mode_of(files, "ca.key"), 0600);
    assert_int_equal(mode_of(files, "server-ecdsa.key"), 0600);
    assert_int_equal(mode_of(files, "server-rsa.key"), 0600);
    assert_int_equal(mode_of(files, "ca.pem"), 0644);
    assert_int_equal(mode_of(files, "server-ecdsa.pem"), 0644);
    assert_int_equal(mode_of(files, "server-rsa.pem"), 0644);
}

static enum err make_again(const struct tls_files *files, const struct str *some, size_t count,
                           struct problem *problem)
{
    struct tls_make_config config = {files->directory, some, count, 30};

    return tls_make(&config, problem);
}

static bool is_same_certificate(const char *path, X509 *other)
{
    X509 *now = read_certificate(path);
    bool is_same = X509_cmp(now, other) == 0;

    X509_free(now);
    return is_same;
}

static void making_again_keeps_the_ca_and_replaces_the_server_files(void **state)
{
    struct tls_files *files = *state;
    X509 *ca = read_certificate(files->ca);
    X509 *server = read_certificate(files->both[0].chain);

    assert_int_equal(make_again(files, names, NAMES, NULL), ERR_NONE);
    assert_true(is_same_certificate(files->ca, ca));
    assert_false(is_same_certificate(files->both[0].chain, server));
    assert_int_equal(verdict(files->ca, files->both[0].chain), X509_V_OK);
    X509_free(ca);
    X509_free(server);
}

static void what_is_no_name_is_refused_and_nothing_is_written(void **state)
{
    static const char *const wrong[] = {
        "",
        "a..b",
        ".a",
        "a.",
        "-a.b",
        "a-.b",
        "a b",
        "a_b.test",
        "*",
        "*.",
        "a.*.test",
        "*a.test",
        "1.2.3",
        "1.2.3.400",
        "http://a.b",
        "a.b:443",
        "[::1]",
        "::g",
        "*.1.2.3",
        "\xc3\xa4.test",
        "a12345678901234567890123456789012345678901234567890123456789012345.test",
    };
    struct tls_files *files = *state;
    X509 *server = read_certificate(files->both[0].chain);

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct str some[] = {STR("good.test"), str_of(wrong[i])};
        struct problem problem = {0};

        assert_int_equal(make_again(files, some, 2, &problem), ERR_INVALID);
        assert_non_null(strstr(problem.text, "is neither a host name"));
    }
    assert_int_equal(make_again(files, names, 0, NULL), ERR_INVALID);
    assert_true(is_same_certificate(files->both[0].chain, server));
    X509_free(server);
}

static void a_validity_of_no_day_or_beyond_the_ca_is_refused(void **state)
{
    struct tls_files *files = *state;
    struct tls_make_config config = {files->directory, names, NAMES, 0};

    assert_int_equal(tls_make(&config, NULL), ERR_INVALID);
    config.days = 3654;
    assert_int_equal(tls_make(&config, NULL), ERR_INVALID);
}

static void a_server_certificate_ends_with_its_ca_at_the_latest(void **state)
{
    struct tls_files *files = *state;
    struct tls_make_config config = {files->directory, names, NAMES, 3653};
    X509 *ca = read_certificate(files->ca);
    X509 *server;

    assert_int_equal(tls_make(&config, NULL), ERR_NONE);
    server = read_certificate(files->both[0].chain);
    assert_true(ASN1_TIME_compare(X509_get0_notAfter(server), X509_get0_notAfter(ca)) <= 0);
    X509_free(server);
    X509_free(ca);
}

/* A common name holds 64 characters, a host name 253. */
static void a_long_name_stands_in_the_alternative_names_alone(void **state)
{
    static const char long_name[] =
        "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz."
        "abcdefghijklmnopqrstuvwxyz0123456789.example.org";
    struct str some[] = {str_of(long_name)};
    struct tls_files *files = *state;
    X509 *server;

    assert_int_equal(make_again(files, some, 1, NULL), ERR_NONE);
    server = read_certificate(files->both[0].chain);
    assert_int_equal(X509_check_host(server, long_name, 0, 0, NULL), 1);
    assert_int_equal(X509_NAME_get_index_by_NID(X509_get_subject_name(server), NID_commonName, -1),
                     -1);
    X509_free(server);
}

static void half_a_ca_is_not_overwritten(void **state)
{
    struct tls_files *files = *state;
    struct problem problem;
    char key[128];
    char away[128];
    X509 *ca = read_certificate(files->ca);

    snprintf(key, sizeof key, "%s/ca.key", files->directory);
    snprintf(away, sizeof away, "%s/away.key", files->directory);
    assert_int_equal(rename(key, away), 0);
    assert_int_equal(make_again(files, names, NAMES, &problem), ERR_INVALID);
    assert_non_null(strstr(problem.text, "ca.key is not"));
    assert_true(is_same_certificate(files->ca, ca));
    assert_int_equal(rename(away, key), 0);
    X509_free(ca);
}

static void a_certificate_that_is_no_ca_signs_nothing(void **state)
{
    struct tls_files files;
    struct problem problem;
    char key[128];

    (void)state;
    tls_files_make(&files, names, NAMES);
    snprintf(key, sizeof key, "%s/ca.key", files.directory);
    assert_int_equal(rename(files.both[0].chain, files.ca), 0);
    assert_int_equal(rename(files.both[0].key, key), 0);
    assert_int_equal(make_again(&files, names, NAMES, &problem), ERR_INVALID);
    assert_non_null(strstr(problem.text, "is not the certificate of a CA"));
    tls_files_remove(&files);
}

static void a_directory_that_is_not_there_is_told_by_name(void **state)
{
    struct tls_make_config config = {"/nonexistent/tls", names, NAMES, 30};
    struct problem problem;

    (void)state;
    assert_int_equal(tls_make(&config, &problem), ERR_IO);
    assert_non_null(strstr(problem.text, "can't write /nonexistent/tls/ca.key: No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_certificates_verify_strictly_below_the_ca),
        cmocka_unit_test(all_names_and_addresses_match_and_others_do_not),
        cmocka_unit_test(each_certificate_may_do_its_own_work_only),
        cmocka_unit_test(the_times_are_as_promised),
        cmocka_unit_test(serial_numbers_are_long_and_never_the_same),
        cmocka_unit_test(keys_are_for_the_owner_only),
        cmocka_unit_test(making_again_keeps_the_ca_and_replaces_the_server_files),
        cmocka_unit_test(what_is_no_name_is_refused_and_nothing_is_written),
        cmocka_unit_test(a_validity_of_no_day_or_beyond_the_ca_is_refused),
        cmocka_unit_test(a_server_certificate_ends_with_its_ca_at_the_latest),
        cmocka_unit_test(a_long_name_stands_in_the_alternative_names_alone),
        cmocka_unit_test(half_a_ca_is_not_overwritten),
        cmocka_unit_test(a_certificate_that_is_no_ca_signs_nothing),
        cmocka_unit_test(a_directory_that_is_not_there_is_told_by_name),
    };

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
