#include "tls/tls_ticket.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/ssl.h>

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 16, IV_BYTES = 16, KEY_BYTES = 32 };

/* What OpenSSL expects back from the ticket callback. */
enum answer { TICKET_ERROR = -1, TICKET_UNKNOWN = 0, TICKET_USE = 1, TICKET_USE_AND_RENEW = 2 };

struct key {
    uint8_t name[NAME_BYTES]; /* stands in the ticket in clear */
    uint8_t cipher[KEY_BYTES];
    uint8_t mac[KEY_BYTES];
    uint64_t made_ms;
};

struct tls_ticket {
    atomic_uint refs;
    EVP_CIPHER *cipher;   /* fetched once; a look-up per handshake costs as much as sealing */
    pthread_mutex_t lock; /* guards what follows; held for a copy of one key */
    struct key current;
    struct key previous;
    bool has_previous;
    bool is_timed; /* current.made_ms is known */
};

static void key_make(struct key *key, uint64_t now_ms)
{
    crypto_random(key->name, sizeof key->name);
    crypto_random(key->cipher, sizeof key->cipher);
    crypto_random(key->mac, sizeof key->mac);
    key->made_ms = now_ms;
}

struct tls_ticket *tls_ticket_new(void)
{
    struct tls_ticket *tickets = alloc_zero(sizeof *tickets);

    atomic_init(&tickets->refs, 1);
    tickets->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    assert(tickets->cipher != NULL);
    pthread_mutex_init(&tickets->lock, NULL);
    key_make(&tickets->current, 0);
    return tickets;
}

struct tls_ticket *tls_ticket_ref(struct tls_ticket *tickets)
{
    atomic_fetch_add(&tickets->refs, 1);
    return tickets;
}

void tls_ticket_unref(struct tls_ticket *tickets)
{
    if (tickets == NULL || atomic_fetch_sub(&tickets->refs, 1) > 1)
        return;
    pthread_mutex_destroy(&tickets->lock);
    EVP_CIPHER_free(tickets->cipher);
    crypto_wipe(tickets, sizeof *tickets);
    free(tickets);
}

/* The key before a current one that is itself too old has outlived its time and is not kept. */
static void step(struct tls_ticket *tickets, uint64_t age_ms, uint64_t rotate_ms, uint64_t now_ms)
{
    tickets->has_previous = age_ms - rotate_ms < rotate_ms;
    if (tickets->has_previous)
        tickets->previous = tickets->current;
    else
        crypto_wipe(&tickets->previous, sizeof tickets->previous);
    key_make(&tickets->current, now_ms);
}

void tls_ticket_rotate(struct tls_ticket *tickets, uint64_t rotate_ms, uint64_t now_ms)
{
    pthread_mutex_lock(&tickets->lock);
    if (!tickets->is_timed) {
        tickets->current.made_ms = now_ms;
        tickets->is_timed = true;
    }
    /* Callers are several threads with clocks of their own turns: one may be a little behind. */
    if (now_ms > tickets->current.made_ms && now_ms - tickets->current.made_ms >= rotate_ms)
        step(tickets, now_ms - tickets->current.made_ms, rotate_ms, now_ms);
    pthread_mutex_unlock(&tickets->lock);
}

static void copy_current(struct tls_ticket *tickets, struct key *out)
{
    pthread_mutex_lock(&tickets->lock);
    *out = tickets->current;
    pthread_mutex_unlock(&tickets->lock);
}

static enum answer copy_named(struct tls_ticket *tickets, const uint8_t *name, struct key *out)
{
    enum answer answer = TICKET_UNKNOWN;

    pthread_mutex_lock(&tickets->lock);
    if (memcmp(name, tickets->current.name, NAME_BYTES) == 0) {
        *out = tickets->current;
        answer = TICKET_USE;
    } else if (tickets->has_previous && memcmp(name, tickets->previous.name, NAME_BYTES) == 0) {
        *out = tickets->previous;
        answer = TICKET_USE_AND_RENEW;
    }
    pthread_mutex_unlock(&tickets->lock);
    return answer;
}

static bool set_mac(EVP_MAC_CTX *mac, struct key *key)
{
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof key->mac),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };

    return EVP_MAC_CTX_set_params(mac, params) == 1;
}

/* NOLINTNEXTLINE(readability-function-size): the form of the parameters is OpenSSL's. */
static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac, int seals)
{
    struct tls_ticket *tickets = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    enum answer answer = TICKET_USE;
    struct key key;

    if (seals) {
        copy_current(tickets, &key);
        memcpy(name, key.name, NAME_BYTES);
        crypto_random(iv, IV_BYTES);
    } else {
        answer = copy_named(tickets, name, &key);
        if (answer == TICKET_UNKNOWN)
            return answer;
        /* Clients use a TLS 1.3 ticket once (RFC 8446 appendix C.4): without a new one, every
         * second connection would be a full handshake. */
        if (SSL_version(ssl) >= TLS1_3_VERSION)
            answer = TICKET_USE_AND_RENEW;
    }
    if (!EVP_CipherInit_ex2(cipher, tickets->cipher, key.cipher, iv, seals, NULL) ||
        !set_mac(mac, &key))
        answer = TICKET_ERROR;
    crypto_wipe(&key, sizeof key);
    return answer;
}

void tls_ticket_attach(struct tls_ticket *tickets, SSL_CTX *ssl_ctx)
{
    SSL_CTX_set_app_data(ssl_ctx, tickets);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(ssl_ctx, on_ticket);
}
