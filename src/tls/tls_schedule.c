#include "tls/tls_schedule.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "tls/tls_hkdf.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Also the context of our provider, and of each derivation: a derivation keeps nothing. */
struct tls_schedule {
    atomic_uint refs;
    OSSL_LIB_CTX *context;
    OSSL_PROVIDER *own;
    OSSL_PROVIDER *base; /* OpenSSL's */
    struct tls_hkdf *hkdf;
    pthread_key_t listener; /* each thread's */
};

/* One derivation, as OpenSSL's tls13_enc.c asks for it. */
struct question {
    enum tls_hash hash;
    bool has_hash;
    int mode;
    struct str key;  /* ptr NULL: zeros */
    struct str salt; /* the secret before; ptr NULL: there is none */
    struct tls_hkdf_purpose purpose;
};

/* ---- what is asked ---- */

static bool take_hash(const OSSL_PARAM *param, struct question *out)
{
    struct str name = str_of(param->data);

    if (param->data_type != OSSL_PARAM_UTF8_STRING)
        return false;
    if (str_eq_nocase(name, STR("SHA2-256")) || str_eq_nocase(name, STR("SHA256")))
        out->hash = TLS_HASH_SHA256;
    else if (str_eq_nocase(name, STR("SHA2-384")) || str_eq_nocase(name, STR("SHA384")))
        out->hash = TLS_HASH_SHA384;
    else
        return false; /* no suite of TLS 1.3 that we allow has another */
    out->has_hash = true;
    return true;
}

static bool take_bytes(const OSSL_PARAM *param, struct str *out)
{
    *out = (struct str){param->data, param->data_size};
    return param->data_type == OSSL_PARAM_OCTET_STRING;
}

static bool take_param(const OSSL_PARAM *param, struct question *out)
{
    struct str name = str_of(param->key);

    if (str_eq(name, STR(OSSL_KDF_PARAM_MODE)))
        return OSSL_PARAM_get_int(param, &out->mode) == 1;
    if (str_eq(name, STR(OSSL_KDF_PARAM_DIGEST)))
        return take_hash(param, out);
    if (str_eq(name, STR(OSSL_KDF_PARAM_KEY)))
        return take_bytes(param, &out->key);
    if (str_eq(name, STR(OSSL_KDF_PARAM_SALT)))
        return take_bytes(param, &out->salt);
    if (str_eq(name, STR(OSSL_KDF_PARAM_PREFIX)))
        return take_bytes(param, &out->purpose.prefix);
    if (str_eq(name, STR(OSSL_KDF_PARAM_LABEL)))
        return take_bytes(param, &out->purpose.label);
    if (str_eq(name, STR(OSSL_KDF_PARAM_DATA)))
        return take_bytes(param, &out->purpose.context);
    return false;
}

enum {
    BYTES_MAX = 64
}; /* of a secret, a label or a transcript's hash: more is none of TLS 1.3's */

static bool take_question(const OSSL_PARAM params[], struct question *out)
{
    for (const OSSL_PARAM *at = params; at != NULL && at->key != NULL; at++) {
        if (!take_param(at, out))
            return false;
    }
    return out->has_hash && out->purpose.len <= tls_derive_len(out->hash) &&
           out->salt.len <= BYTES_MAX && out->purpose.prefix.len <= BYTES_MAX &&
           out->purpose.label.len <= BYTES_MAX && out->purpose.context.len <= BYTES_MAX;
}

/* ---- the answers ---- */

/* The step from one secret to the next: Derive-Secret(before, "derived", ""), then HKDF-Extract
 * with what is new (RFC 8446 section 7.1). */
static bool answer_extract(const struct tls_schedule *schedule, struct question *question,
                           uint8_t *out)
{
    static const char zeros[TLS_DERIVE_MAX] = {0};
    size_t len = tls_derive_len(question->hash);
    struct str input = question->key.ptr != NULL ? question->key : (struct str){zeros, len};
    uint8_t nothing[TLS_DERIVE_MAX];
    uint8_t salt[TLS_DERIVE_MAX];

    if (question->purpose.len != len)
        return false;
    if (question->salt.ptr == NULL) {
        tls_hkdf_extract(schedule->hkdf, question->hash, STR_EMPTY, input, out);
        return true;
    }
    tls_hkdf_digest(schedule->hkdf, question->hash, STR(""), nothing);
    question->purpose.context = (struct str){(const char *)nothing, len};
    tls_hkdf_expand(schedule->hkdf, question->hash, question->salt, &question->purpose, salt);
    tls_hkdf_extract(schedule->hkdf, question->hash, (struct str){(const char *)salt, len}, input,
                     out);
    crypto_wipe(salt, sizeof salt);
    return true;
}

static void tell(const struct tls_schedule *schedule, const struct question *question,
                 const uint8_t *secret)
{
    const struct tls_schedule_listener *listener = pthread_getspecific(schedule->listener);
    bool is_client = str_eq(question->purpose.label, STR("c ap traffic"));

    if (listener != NULL && (is_client || str_eq(question->purpose.label, STR("s ap traffic"))))
        listener->on_secret(listener->ctx, is_client,
                            (struct str){(const char *)secret, question->purpose.len});
}

static bool answer_expand(const struct tls_schedule *schedule, const struct question *question,
                          uint8_t *out)
{
    if (question->key.len > BYTES_MAX)
        return false;
    tls_hkdf_expand(schedule->hkdf, question->hash, question->key, &question->purpose, out);
    tell(schedule, question, out);
    return true;
}

static int derive(void *context, unsigned char *out, size_t len, const OSSL_PARAM params[])
{
    const struct tls_schedule *schedule = context;
    struct question question = {.mode = -1, .purpose.len = len};

    if (!take_question(params, &question))
        return 0;
    switch (question.mode) {
    case EVP_KDF_HKDF_MODE_EXTRACT_ONLY:
        return answer_extract(schedule, &question, out);
    case EVP_KDF_HKDF_MODE_EXPAND_ONLY:
        return answer_expand(schedule, &question, out);
    default:
        return 0;
    }
}

/* ---- the provider (provider-kdf(7)) ---- */

static void *new_context(void *provider)
{
    return provider;
}

static void free_context(void *context)
{
    (void)context;
}

static const OSSL_DISPATCH kdf_functions[] = {
    {OSSL_FUNC_KDF_NEWCTX, (void (*)(void))new_context},
    {OSSL_FUNC_KDF_FREECTX, (void (*)(void))free_context},
    {OSSL_FUNC_KDF_DERIVE, (void (*)(void))derive},
    {0, NULL},
};

static const OSSL_ALGORITHM kdfs[] = {
    {OSSL_KDF_NAME_TLS1_3_KDF, "provider=switchyard", kdf_functions, NULL},
    {NULL, NULL, NULL, NULL},
};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache)
{
    (void)provider;
    *no_cache = 0;
    return operation == OSSL_OP_KDF ? kdfs : NULL;
}

static void teardown(void *provider)
{
    struct tls_schedule *schedule = provider;

    tls_hkdf_free(schedule->hkdf);
    pthread_key_delete(schedule->listener);
    free(schedule);
}

static const OSSL_DISPATCH provider_functions[] = {
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
    {OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))teardown},
    {0, NULL},
};

static int init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out,
                void **provider)
{
    struct tls_schedule *schedule = alloc_zero(sizeof *schedule);

    (void)handle;
    (void)in;
    atomic_init(&schedule->refs, 1);
    *out = provider_functions;
    *provider = schedule;
    return pthread_key_create(&schedule->listener, NULL) == 0;
}

/* ---- life ---- */

struct tls_schedule *tls_schedule_new(void)
{
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *own = NULL;
    OSSL_PROVIDER *base;
    struct tls_schedule *schedule;

    assert(context != NULL);
    if (OSSL_PROVIDER_add_builtin(context, "switchyard", init) == 1)
        own = OSSL_PROVIDER_load(context, "switchyard");
    base = OSSL_PROVIDER_load(context, "default");
    assert(own != NULL && base != NULL); /* both are part of what is linked */
    schedule = OSSL_PROVIDER_get0_provider_ctx(own);
    schedule->context = context;
    schedule->own = own;
    schedule->base = base;
    schedule->hkdf = tls_hkdf_new(base);
    assert(schedule->hkdf != NULL);
    return schedule;
}

struct tls_schedule *tls_schedule_ref(struct tls_schedule *schedule)
{
    atomic_fetch_add(&schedule->refs, 1);
    return schedule;
}

void tls_schedule_unref(struct tls_schedule *schedule)
{
    OSSL_LIB_CTX *context;

    if (schedule == NULL || atomic_fetch_sub(&schedule->refs, 1) > 1)
        return;
    context = schedule->context;
    OSSL_PROVIDER_unload(schedule->base);
    OSSL_PROVIDER_unload(schedule->own);
    OSSL_LIB_CTX_free(context); /* and, with the provider, *schedule */
}

OSSL_LIB_CTX *tls_schedule_context(const struct tls_schedule *schedule)
{
    return schedule->context;
}

void tls_schedule_listen(struct tls_schedule *schedule,
                         const struct tls_schedule_listener *listener)
{
    pthread_setspecific(schedule->listener, listener);
}
