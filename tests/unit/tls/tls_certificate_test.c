#include "tls/tls_certificate.h"

#include "tls_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void write_file(const char *path, const char *text, size_t len)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    fclose(file);
}

static size_t read_file(const char *path, char *out, size_t cap)
{
    FILE *file = fopen(path, "re");
    size_t len;

    assert_non_null(file);
    len = fread(out, 1, cap, file);
    fclose(file);
    return len;
}

static void path_in(const struct tls_files *files, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", files->directory, name);
}

/* Loading fails with `err`, and the text says `words`. */
static void expect_problem(const char *chain, const char *key, enum err err, const char *words)
{
    struct tls_certificate_files files = {chain, key};
    struct tls_certificate certificate;
    struct problem problem = {0};

    assert_int_equal(tls_certificate_load(&files, &problem, &certificate), err);
    assert_int_equal(problem.err, err);
    if (strstr(problem.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", problem.text, words);
}

static void files_that_cannot_be_used_are_told_with_name_and_remedy(void **state)
{
    struct tls_files *files = *state;
    const char *chain = files->both[0].chain;
    const char *key = files->both[0].key;
    char scrap[128];
    char text[8192];
    size_t len = read_file(chain, text, sizeof text);

    path_in(files, "scrap", scrap);
    expect_problem("/nonexistent.pem", key, ERR_IO, "/nonexistent.pem: No such file");
    expect_problem(chain, "/nonexistent.key", ERR_IO, "key /nonexistent.key: No such file");
    expect_problem(chain, files->both[1].key, ERR_INVALID, "does not belong to the certificate");
    expect_problem(key, key, ERR_INVALID, "holds no certificate");
    expect_problem(chain, chain, ERR_INVALID, "holds no private key");

    write_file(scrap, text, len / 2);
    expect_problem(scrap, key, ERR_INVALID, "certificate");
    text[len / 2] = '!';
    write_file(scrap, text, len);
    expect_problem(scrap, key, ERR_INVALID, "certificate is damaged");
    write_file(scrap, "", 0);
    expect_problem(scrap, key, ERR_INVALID, "holds no certificate");

    len = read_file(key, text, sizeof text);
    text[len / 2] = '!';
    write_file(scrap, text, len);
    expect_problem(chain, scrap, ERR_INVALID, "holds no private key, or a damaged one");
    unlink(scrap);
}

static void a_damaged_intermediate_is_told_by_its_number(void **state)
{
    struct tls_files *files = *state;
    char scrap[128];
    char text[8192];
    size_t len = read_file(files->both[0].chain, text, sizeof text);
    size_t second;

    path_in(files, "scrap", scrap);
    second = read_file(files->ca, text + len, sizeof text - len);
    text[len + second / 2] = '!';
    write_file(scrap, text, len + second);
    expect_problem(scrap, files->both[0].key, ERR_INVALID, "certificate number 2 is damaged");
    unlink(scrap);
}

static void an_encrypted_key_is_told_with_the_command_that_helps(void **state)
{
    struct tls_files *files = *state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    char scrap[128];
    FILE *file;

    path_in(files, "scrap", scrap);
    file = fopen(scrap, "we");
    assert_non_null(file);
    assert_int_equal(
        PEM_write_PKCS8PrivateKey(file, key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL), 1);
    fclose(file);
    EVP_PKEY_free(key);
    expect_problem(files->both[0].chain, scrap, ERR_INVALID, "is encrypted; write it without");
    unlink(scrap);
}

static void names_are_covered_as_clients_match_them(void **state)
{
    static const struct {
        const char *own;
        const char *asked;
        bool is_covered;
    } rows[] = {
        {"a.test", "a.test", true},
        {"a.test", "A.TEST", true},
        {"a.test", "b.test", false},
        {"a.test", "x.a.test", false},
        {"*.a.test", "x.a.test", true},
        {"*.a.test", "X.A.Test", true},
        {"*.a.test", "a.test", false},
        {"*.a.test", ".a.test", false}, /* the label that a wildcard stands for is not empty */
        {"*.a.test", "x.y.a.test", false},
        {"*.a.test", "*.a.test", true},
        {"x.a.test", "*.a.test", false},
        {"*", "test", false},
        {"*.", "test.", false},
        {"", "", true},
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.70", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char own[32];
        char *names[] = {own};
        struct tls_certificate certificate = {.names = names, .name_count = 1};

        assert_true(str_copy(str_of(rows[i].own), own, sizeof own));
        assert_int_equal(tls_certificate_covers(&certificate, str_of(rows[i].asked), true),
                         rows[i].is_covered);
    }
}

static void what_is_loaded_knows_its_names_and_its_end(void **state)
{
    struct tls_files *files = *state;
    struct tls_certificate certificate;
    struct tm tm;

    assert_int_equal(tls_certificate_load(&files->both[1], NULL, &certificate), ERR_NONE);
    assert_int_equal(certificate.name_count, 2);
    assert_string_equal(certificate.names[0], "localhost");
    assert_string_equal(certificate.names[1], "127.0.0.1");
    assert_int_equal(ASN1_TIME_to_tm(X509_get0_notAfter(certificate.leaf), &tm), 1);
    assert_int_equal(certificate.expires_s, timegm(&tm));
    tls_certificate_fini(&certificate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_cannot_be_used_are_told_with_name_and_remedy),
        cmocka_unit_test(a_damaged_intermediate_is_told_by_its_number),
        cmocka_unit_test(an_encrypted_key_is_told_with_the_command_that_helps),
        cmocka_unit_test(names_are_covered_as_clients_match_them),
        cmocka_unit_test(what_is_loaded_knows_its_names_and_its_end),
    };

    return cmocka_run_group_tests(tests, tls_files_set_up, tls_files_tear_down);
}
