#include "tls/tls_schedule.h"

#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <pthread.h>
#include <string.h>

enum { SECRET_MAX = 48, ROUNDS = 200 };

/* What OpenSSL asks for one secret with. */
struct question {
    int mode;
    const char *digest;
    struct str key; /* ptr NULL: left out, as for the two below */
    struct str salt;
    struct str label;
    struct str context;
    size_t len;
};

struct heard {
    int count;
    bool is_client;
    uint8_t secret[SECRET_MAX];
    size_t len;
};

static int open_schedule(void **state)
{
    assert_int_equal(crypto_init(), ERR_NONE);
    *state = tls_schedule_new();
    return 0;
}

static int close_schedule(void **state)
{
    tls_schedule_unref(*state);
    tls_schedule_unref(NULL);
    return 0;
}

static OSSL_PARAM octets(const char *name, struct str bytes)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)bytes.ptr, bytes.len);
}

static bool ask(OSSL_LIB_CTX *context, const char *properties, const struct question *question,
                uint8_t *out)
{
    EVP_KDF *kdf = EVP_KDF_fetch(context, OSSL_KDF_NAME_TLS1_3_KDF, properties);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    int mode = question->mode;
    OSSL_PARAM params[8];
    OSSL_PARAM *at = params;
    bool is_answered;

    assert_non_null(ctx);
    *at++ = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
    *at++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST,
                                             (char *)(uintptr_t)question->digest, 0);
    if (question->key.ptr != NULL)
        *at++ = octets(OSSL_KDF_PARAM_KEY, question->key);
    if (question->salt.ptr != NULL)
        *at++ = octets(OSSL_KDF_PARAM_SALT, question->salt);
    *at++ = octets(OSSL_KDF_PARAM_PREFIX, STR("tls13 "));
    *at++ = octets(OSSL_KDF_PARAM_LABEL, question->label);
    if (question->context.ptr != NULL)
        *at++ = octets(OSSL_KDF_PARAM_DATA, question->context);
    *at = OSSL_PARAM_construct_end();
    is_answered = EVP_KDF_derive(ctx, out, question->len, params) > 0;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return is_answered;
}

static bool ask_own(const struct tls_schedule *schedule, const struct question *question,
                    uint8_t *out)
{
    return ask(tls_schedule_context(schedule), TLS_SCHEDULE_PROPERTIES, question, out);
}

static void compare(const struct tls_schedule *schedule, const struct question *question)
{
    uint8_t own[SECRET_MAX];
    uint8_t theirs[SECRET_MAX];

    assert_true(ask_own(schedule, question, own));
    assert_true(ask(NULL, "provider=default", question, theirs));
    assert_memory_equal(own, theirs, question->len);
}

static void secrets_are_the_same_as_openssl_s_own(void **state)
{
    static const char *const labels[] = {"key", "iv", "finished", "c hs traffic", "res binder", ""};
    char random[3][SECRET_MAX];

    for (size_t i = 0; i < ROUNDS; i++) {
        size_t hash_len = i % 2 == 0 ? 32 : 48;
        const struct question question = {
            .mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY,
            .digest = i % 2 == 0 ? "SHA2-256" : "SHA2-384",
            .key = {random[0], hash_len},
            .label = str_of(labels[i % 6]),
            .context = {i % 3 == 0 ? NULL : random[1], i % 3 == 0 ? 0 : hash_len},
            .len = 1 + i % hash_len,
        };

        crypto_random(random, sizeof random);
        compare(*state, &question);
    }
}

static void steps_between_secrets_are_the_same_as_openssl_s_own(void **state)
{
    char random[2][SECRET_MAX];

    for (size_t i = 0; i < 8; i++) {
        size_t hash_len = i % 2 == 0 ? 32 : 48;
        const struct question question = {
            .mode = EVP_KDF_HKDF_MODE_EXTRACT_ONLY,
            .digest = i % 2 == 0 ? "SHA256" : "SHA384",
            .key = {i & 2 ? NULL : random[0], i & 2 ? 0 : 32}, /* none: no shared secret */
            .salt = {i & 4 ? NULL : random[1], i & 4 ? 0 : hash_len},
            .label = STR("derived"),
            .len = hash_len,
        };

        crypto_random(random, sizeof random);
        compare(*state, &question);
    }
}

static void what_is_none_of_tls_1_3_is_refused(void **state)
{
    static const char key[200] = {0};
    const struct question good = {.mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY,
                                  .digest = "SHA2-256",
                                  .key = {key, 32},
                                  .label = STR("key"),
                                  .len = 16};
    struct question bad[6] = {good, good, good, good, good, good};
    uint8_t out[200];

    bad[0].digest = "SHA1";
    bad[1].mode = EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND;
    bad[2].len = 33;
    bad[3].key.len = sizeof key;
    bad[4].context = (struct str){key, sizeof key};
    bad[5].mode = EVP_KDF_HKDF_MODE_EXTRACT_ONLY; /* of half a hash */
    assert_true(ask_own(*state, &good, out));
    for (size_t i = 0; i < 6; i++)
        assert_false(ask_own(*state, &bad[i], out));
}

static void on_secret(void *ctx, bool is_client, struct str secret)
{
    struct heard *heard = ctx;

    heard->count++;
    heard->is_client = is_client;
    heard->len = secret.len;
    memcpy(heard->secret, secret.ptr, secret.len);
}

static struct question about(const char *label)
{
    static const char key[32] = "a secret that is no secret here";

    return (struct question){.mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY,
                             .digest = "SHA2-256",
                             .key = {key, sizeof key},
                             .label = str_of(label),
                             .len = 32};
}

static void traffic_secrets_are_heard_and_no_others(void **state)
{
    static const char *const silent[] = {"c hs traffic", "s hs traffic", "exp master",
                                         "res master",   "key",          "traffic upd"};
    struct heard heard = {0};
    const struct tls_schedule_listener listener = {on_secret, &heard};
    struct question question;
    uint8_t out[32];

    tls_schedule_listen(*state, &listener);
    for (size_t i = 0; i < 6; i++) {
        question = about(silent[i]);
        assert_true(ask_own(*state, &question, out));
    }
    assert_int_equal(heard.count, 0);
    question = about("s ap traffic");
    assert_true(ask_own(*state, &question, out));
    assert_int_equal(heard.count, 1);
    assert_false(heard.is_client);
    assert_int_equal(heard.len, 32);
    assert_memory_equal(heard.secret, out, 32);
    question = about("c ap traffic");
    assert_true(ask_own(*state, &question, out));
    assert_int_equal(heard.count, 2);
    assert_true(heard.is_client);
    tls_schedule_listen(*state, NULL);
    assert_true(ask_own(*state, &question, out));
    assert_int_equal(heard.count, 2);
}

static void *derive_elsewhere(void *arg)
{
    const struct question question = about("c ap traffic");
    uint8_t out[32];

    return ask_own(arg, &question, out) ? arg : NULL;
}

static void a_listener_hears_its_own_thread_only(void **state)
{
    struct heard heard = {0};
    const struct tls_schedule_listener listener = {on_secret, &heard};
    pthread_t other;
    void *result = NULL;

    tls_schedule_listen(*state, &listener);
    assert_int_equal(pthread_create(&other, NULL, derive_elsewhere, *state), 0);
    assert_int_equal(pthread_join(other, &result), 0);
    assert_non_null(result);
    assert_int_equal(heard.count, 0);
    tls_schedule_listen(*state, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_the_same_as_openssl_s_own),
        cmocka_unit_test(steps_between_secrets_are_the_same_as_openssl_s_own),
        cmocka_unit_test(what_is_none_of_tls_1_3_is_refused),
        cmocka_unit_test(traffic_secrets_are_heard_and_no_others),
        cmocka_unit_test(a_listener_hears_its_own_thread_only),
    };

    return cmocka_run_group_tests(tests, open_schedule, close_schedule);
}
