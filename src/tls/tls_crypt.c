#include "tls/tls_crypt.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t key_len;
} ciphers[TLS_CIPHERS] = {
    [TLS_CIPHER_AES_128] = {"AES-128-GCM", 16},
    [TLS_CIPHER_AES_256] = {"AES-256-GCM", 32},
    [TLS_CIPHER_CHACHA] = {"ChaCha20-Poly1305", 32},
};

enum { OPENING, SEALING, DIRECTIONS };

/*
 * A cipher's functions, called at the provider that EVP found it in (provider-cipher(7)): EVP asks
 * for the lengths of key and nonce by name whenever either is set, which costs more than the cipher
 * does with a short record.
 */
struct functions {
    OSSL_FUNC_cipher_newctx_fn *new_context;
    OSSL_FUNC_cipher_freectx_fn *free_context;
    OSSL_FUNC_cipher_encrypt_init_fn *init[DIRECTIONS]; /* both are of the same type */
    OSSL_FUNC_cipher_update_fn *update;
    OSSL_FUNC_cipher_final_fn *final;
    OSSL_FUNC_cipher_get_ctx_params_fn *get_params;
};

/* A context in one direction, and the key that it was last given: a link that sends several records
 * at once needs it but once. */
struct machine {
    void *context;
    uint8_t key[TLS_CRYPT_KEY_MAX];
};

struct suite {
    EVP_CIPHER *cipher; /* keeps the provider; NULL: there is none */
    size_t key_len;
    struct functions functions;
    struct machine machines[DIRECTIONS];
};

struct tls_crypt {
    struct suite suites[TLS_CIPHERS];
    struct tls_derive *derive;
};

/* OpenSSL refuses none of our calls but for want of memory, for which we abort everywhere. */
static void must(int result)
{
    assert(result > 0);
}

/* ---- finding the ciphers ---- */

/* `names` has colons between. */
static bool is_one_of(struct str name, struct str names)
{
    struct str one;

    while (str_split(&names, ':', &one)) {
        if (str_eq_nocase(one, name))
            return true;
    }
    return false;
}

static void take_function(const OSSL_DISPATCH *entry, struct functions *out)
{
    switch (entry->function_id) {
    case OSSL_FUNC_CIPHER_NEWCTX:
        out->new_context = OSSL_FUNC_cipher_newctx(entry);
        break;
    case OSSL_FUNC_CIPHER_FREECTX:
        out->free_context = OSSL_FUNC_cipher_freectx(entry);
        break;
    case OSSL_FUNC_CIPHER_ENCRYPT_INIT:
        out->init[SEALING] = OSSL_FUNC_cipher_encrypt_init(entry);
        break;
    case OSSL_FUNC_CIPHER_DECRYPT_INIT:
        out->init[OPENING] = OSSL_FUNC_cipher_decrypt_init(entry);
        break;
    case OSSL_FUNC_CIPHER_UPDATE:
        out->update = OSSL_FUNC_cipher_update(entry);
        break;
    case OSSL_FUNC_CIPHER_FINAL:
        out->final = OSSL_FUNC_cipher_final(entry);
        break;
    case OSSL_FUNC_CIPHER_GET_CTX_PARAMS:
        out->get_params = OSSL_FUNC_cipher_get_ctx_params(entry);
        break;
    default:
        break;
    }
}

static bool is_whole(const struct functions *functions)
{
    return functions->new_context != NULL && functions->free_context != NULL &&
           functions->init[OPENING] != NULL && functions->init[SEALING] != NULL &&
           functions->update != NULL && functions->final != NULL && functions->get_params != NULL;
}

static bool find_functions(const OSSL_PROVIDER *provider, struct str name, struct functions *out)
{
    int no_cache;
    const OSSL_ALGORITHM *all = OSSL_PROVIDER_query_operation(provider, OSSL_OP_CIPHER, &no_cache);
    const OSSL_ALGORITHM *at = all;

    while (at != NULL && at->algorithm_names != NULL &&
           !is_one_of(name, str_of(at->algorithm_names)))
        at++;
    if (at != NULL && at->algorithm_names != NULL) {
        for (const OSSL_DISPATCH *entry = at->implementation; entry->function_id != 0; entry++)
            take_function(entry, out);
    }
    OSSL_PROVIDER_unquery_operation(provider, OSSL_OP_CIPHER, all);
    return is_whole(out);
}

/* So that machine and context agree on the key when nobody's is in them. */
static void set_no_key(struct suite *suite, int direction)
{
    static const uint8_t none[TLS_CRYPT_KEY_MAX] = {0};
    struct machine *machine = &suite->machines[direction];

    must(suite->functions.init[direction](machine->context, none, suite->key_len, none,
                                          TLS_CRYPT_NONCE, NULL));
    crypto_wipe(machine->key, sizeof machine->key);
}

static void suite_init(struct suite *suite, const char *name, size_t key_len)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    const OSSL_PROVIDER *provider;

    if (cipher == NULL)
        return;
    assert((size_t)EVP_CIPHER_get_key_length(cipher) == key_len);
    assert(EVP_CIPHER_get_iv_length(cipher) == TLS_CRYPT_NONCE);
    provider = EVP_CIPHER_get0_provider(cipher);
    if (provider == NULL || !find_functions(provider, str_of(name), &suite->functions)) {
        EVP_CIPHER_free(cipher);
        return;
    }
    suite->cipher = cipher;
    suite->key_len = key_len;
    for (int direction = OPENING; direction < DIRECTIONS; direction++) {
        suite->machines[direction].context =
            suite->functions.new_context(OSSL_PROVIDER_get0_provider_ctx(provider));
        assert(suite->machines[direction].context != NULL);
        set_no_key(suite, direction);
    }
}

static struct tls_crypt *crypt_new(void)
{
    struct tls_crypt *crypt = alloc_zero(sizeof *crypt);

    for (size_t i = 0; i < TLS_CIPHERS; i++)
        suite_init(&crypt->suites[i], ciphers[i].name, ciphers[i].key_len);
    crypt->derive = tls_derive_new();
    return crypt;
}

static void suite_fini(struct suite *suite)
{
    if (suite->cipher == NULL)
        return;
    for (int direction = OPENING; direction < DIRECTIONS; direction++)
        suite->functions.free_context(suite->machines[direction].context);
    EVP_CIPHER_free(suite->cipher);
}

static void crypt_free(void *tools)
{
    struct tls_crypt *crypt = tools;

    for (size_t i = 0; i < TLS_CIPHERS; i++)
        suite_fini(&crypt->suites[i]);
    tls_derive_free(crypt->derive);
    crypto_wipe(crypt, sizeof *crypt);
    free(crypt);
}

struct tls_crypt *tls_crypt_of(struct transport_thread *thread)
{
    if (thread->tools == NULL)
        *thread = (struct transport_thread){.tools = crypt_new(), .free = crypt_free};
    return thread->tools;
}

bool tls_crypt_has(const struct tls_crypt *crypt, enum tls_cipher cipher)
{
    return crypt->suites[cipher].cipher != NULL;
}

struct tls_derive *tls_crypt_derive(struct tls_crypt *crypt)
{
    return crypt->derive;
}

size_t tls_crypt_key_len(enum tls_cipher cipher)
{
    return ciphers[cipher].key_len;
}

/* ---- sealing and opening ---- */

/* In halves, for which libcrypto has a quick way. */
static bool is_same_key(const uint8_t *a, const uint8_t *b, size_t len)
{
    return CRYPTO_memcmp(a, b, 16) == 0 && (len == 16 || CRYPTO_memcmp(a + 16, b + 16, 16) == 0);
}

/* The machine with the box's key and nonce, its head taken in; `params` may be NULL. */
static void *begin(struct suite *suite, int direction, const struct tls_crypt_box *box,
                   const OSSL_PARAM *params)
{
    struct machine *machine = &suite->machines[direction];
    size_t key_len = suite->key_len;
    bool is_same = is_same_key(machine->key, box->key, key_len);
    size_t done;

    if (!is_same)
        memcpy(machine->key, box->key, key_len);
    must(suite->functions.init[direction](machine->context, is_same ? NULL : box->key,
                                          is_same ? 0 : key_len, box->nonce, TLS_CRYPT_NONCE,
                                          params));
    must(suite->functions.update(machine->context, NULL, &done, box->head.len,
                                 (const uint8_t *)box->head.ptr, box->head.len));
    return machine->context;
}

void tls_crypt_seal(struct tls_crypt *crypt, const struct tls_crypt_box *box, char *text,
                    size_t len)
{
    struct suite *suite = &crypt->suites[box->cipher];
    uint8_t *at = (uint8_t *)text;
    void *context = begin(suite, SEALING, box, NULL);
    OSSL_PARAM tag[] = {
        OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, at + len, TLS_CRYPT_TAG),
        OSSL_PARAM_END,
    };
    size_t done;

    must(suite->functions.update(context, at, &done, len, at, len));
    assert(done == len);
    must(suite->functions.final(context, at + len, &done, TLS_CRYPT_TAG));
    must(suite->functions.get_params(context, tag));
}

bool tls_crypt_open(struct tls_crypt *crypt, const struct tls_crypt_box *box, struct str sealed,
                    char *out)
{
    struct suite *suite = &crypt->suites[box->cipher];
    size_t len = sealed.len - TLS_CRYPT_TAG;
    uint8_t tag[TLS_CRYPT_TAG];
    const OSSL_PARAM params[] = {
        OSSL_PARAM_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, sizeof tag),
        OSSL_PARAM_END,
    };
    void *context;
    size_t done;

    assert(sealed.len >= TLS_CRYPT_TAG);
    memcpy(tag, sealed.ptr + len, sizeof tag);
    context = begin(suite, OPENING, box, params);
    must(suite->functions.update(context, (uint8_t *)out, &done, len, (const uint8_t *)sealed.ptr,
                                 len));
    assert(done == len);
    return suite->functions.final(context, tag, &done, sizeof tag) > 0;
}

void tls_crypt_forget(struct tls_crypt *crypt, enum tls_cipher cipher, const uint8_t *key)
{
    struct suite *suite = &crypt->suites[cipher];

    for (int direction = OPENING; direction < DIRECTIONS; direction++) {
        if (is_same_key(suite->machines[direction].key, key, suite->key_len))
            set_no_key(suite, direction);
    }
}
