#include "net/tls_crypt.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_MAX = 64 };

static const struct {
    const char *name;
    size_t key_len;
} ciphers[TLS_CIPHERS] = {
    [TLS_CIPHER_AES_128] = {"AES-128-GCM", 16},
    [TLS_CIPHER_AES_256] = {"AES-256-GCM", 32},
    [TLS_CIPHER_CHACHA] = {"ChaCha20-Poly1305", 32},
};

static const struct {
    const char *name;
    size_t len;
} hashes[TLS_HASHES] = {
    [TLS_HASH_SHA256] = {"SHA256", 32},
    [TLS_HASH_SHA384] = {"SHA384", 48},
};

/* A cipher in one direction, and the key that it was last given: most often the next record is
 * the same link's, and half of a short record's cost is the key. */
struct machine {
    EVP_CIPHER_CTX *ctx; /* NULL until used */
    uint8_t key[TLS_CRYPT_KEY_MAX];
};

enum { OPENING, SEALING, DIRECTIONS };

struct tls_crypt {
    struct machine machines[TLS_CIPHERS][DIRECTIONS];
};

/* OpenSSL refuses none of our calls but for want of memory, for which we abort everywhere. */
static void must(int result)
{
    assert(result > 0);
}

struct tls_crypt *tls_crypt_new(void)
{
    return alloc_zero(sizeof(struct tls_crypt));
}

void tls_crypt_free(struct tls_crypt *crypt)
{
    if (crypt == NULL)
        return;
    for (size_t i = 0; i < TLS_CIPHERS; i++) {
        EVP_CIPHER_CTX_free(crypt->machines[i][OPENING].ctx);
        EVP_CIPHER_CTX_free(crypt->machines[i][SEALING].ctx);
    }
    crypto_wipe(crypt, sizeof *crypt);
    free(crypt);
}

size_t tls_crypt_key_len(enum tls_cipher cipher)
{
    return ciphers[cipher].key_len;
}

size_t tls_crypt_hash_len(enum tls_hash hash)
{
    return hashes[hash].len;
}

static void machine_init(struct machine *machine, const struct tls_crypt_box *box, int is_sealing)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, ciphers[box->cipher].name, NULL);

    assert(cipher != NULL);
    machine->ctx = EVP_CIPHER_CTX_new();
    assert(machine->ctx != NULL);
    must(EVP_CipherInit_ex2(machine->ctx, cipher, box->key, box->nonce, is_sealing, NULL));
    EVP_CIPHER_free(cipher); /* the context holds it */
    memcpy(machine->key, box->key, ciphers[box->cipher].key_len);
}

/* The context with the box's key and nonce, its head taken in. */
static EVP_CIPHER_CTX *begin(struct tls_crypt *crypt, const struct tls_crypt_box *box,
                             int direction)
{
    struct machine *machine = &crypt->machines[box->cipher][direction];
    size_t key_len = ciphers[box->cipher].key_len;
    int len;

    if (machine->ctx == NULL) {
        machine_init(machine, box, direction == SEALING);
    } else {
        bool is_same = CRYPTO_memcmp(machine->key, box->key, key_len) == 0;

        memcpy(machine->key, box->key, key_len);
        must(EVP_CipherInit_ex2(machine->ctx, NULL, is_same ? NULL : box->key, box->nonce,
                                direction == SEALING, NULL));
    }
    must(EVP_CipherUpdate(machine->ctx, NULL, &len, (const uint8_t *)box->head.ptr,
                          (int)box->head.len));
    return machine->ctx;
}

void tls_crypt_seal(struct tls_crypt *crypt, const struct tls_crypt_box *box, char *text,
                    size_t len)
{
    EVP_CIPHER_CTX *ctx = begin(crypt, box, SEALING);
    uint8_t *at = (uint8_t *)text;
    int done;

    must(EVP_CipherUpdate(ctx, at, &done, at, (int)len));
    assert((size_t)done == len);
    must(EVP_CipherFinal_ex(ctx, at + len, &done));
    must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TLS_CRYPT_TAG, at + len));
}

bool tls_crypt_open(struct tls_crypt *crypt, const struct tls_crypt_box *box, struct str sealed,
                    char *out)
{
    EVP_CIPHER_CTX *ctx = begin(crypt, box, OPENING);
    size_t len = sealed.len - TLS_CRYPT_TAG;
    uint8_t tag[TLS_CRYPT_TAG];
    int done = 0;

    assert(sealed.len >= TLS_CRYPT_TAG);
    memcpy(tag, sealed.ptr + len, sizeof tag);
    must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TLS_CRYPT_TAG, tag));
    if (len > 0)
        must(EVP_CipherUpdate(ctx, (uint8_t *)out, &done, (const uint8_t *)sealed.ptr, (int)len));
    assert((size_t)done == len);
    return EVP_CipherFinal_ex(ctx, tag, &done) > 0;
}

void tls_crypt_forget(struct tls_crypt *crypt, enum tls_cipher cipher, const uint8_t *key)
{
    static const uint8_t none[TLS_CRYPT_KEY_MAX] = {0};
    size_t key_len = ciphers[cipher].key_len;

    for (int direction = OPENING; direction < DIRECTIONS; direction++) {
        struct machine *machine = &crypt->machines[cipher][direction];

        if (machine->ctx == NULL || CRYPTO_memcmp(machine->key, key, key_len) != 0)
            continue;
        must(EVP_CipherInit_ex2(machine->ctx, NULL, none, none, direction == SEALING, NULL));
        crypto_wipe(machine->key, sizeof machine->key);
    }
}

static const OSSL_PARAM *hash_params(enum tls_hash hash, OSSL_PARAM out[2])
{
    /* The parameter is only read. */
    out[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                              (char *)(uintptr_t)hashes[hash].name, 0);
    out[1] = OSSL_PARAM_construct_end();
    return out;
}

/* As no result is longer than the hash, HKDF-Expand is one HMAC (RFC 5869 section 2.3). */
void tls_crypt_expand(enum tls_hash hash, const uint8_t *secret, struct str label, uint8_t *out,
                      size_t len)
{
    static const char prefix[] = "tls13 ";
    uint8_t info[LABEL_MAX] = {0, (uint8_t)len, (uint8_t)(sizeof prefix - 1 + label.len)};
    uint8_t block[TLS_CRYPT_HASH_MAX];
    size_t at = 3;
    OSSL_PARAM params[2];
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(hmac);

    assert(ctx != NULL && len <= hashes[hash].len && label.len <= LABEL_MAX / 2);
    memcpy(info + at, prefix, sizeof prefix - 1);
    at += sizeof prefix - 1;
    memcpy(info + at, label.ptr, label.len);
    at += label.len;
    info[at++] = 0; /* no context */
    info[at++] = 1; /* the first and only block */
    must(EVP_MAC_init(ctx, secret, hashes[hash].len, hash_params(hash, params)));
    must(EVP_MAC_update(ctx, info, at));
    must(EVP_MAC_final(ctx, block, NULL, sizeof block));
    memcpy(out, block, len);
    crypto_wipe(block, sizeof block);
    EVP_MAC_CTX_free(ctx);
    EVP_MAC_free(hmac);
}

void tls_crypt_prf(enum tls_hash hash, struct str secret, struct str seed, uint8_t *out, size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_TLS1_PRF, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[4];

    assert(ctx != NULL);
    hash_params(hash, params);
    params[1] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET,
                                                  (void *)(uintptr_t)secret.ptr, secret.len);
    params[2] = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, (void *)(uintptr_t)seed.ptr,
                                                  seed.len);
    params[3] = OSSL_PARAM_construct_end();
    must(EVP_KDF_derive(ctx, out, len, params));
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}
