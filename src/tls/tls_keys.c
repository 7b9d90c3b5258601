#include "tls/tls_keys.h"

#include "base/crypto.h"

#include <endian.h>
#include <string.h>

enum { SALT = 4, BLOCK_MAX = 2 * (TLS_CRYPT_KEY_MAX + TLS_CRYPT_NONCE) };

void tls_keys_put_u64(uint64_t number, uint8_t out[8])
{
    uint64_t bytes = htobe64(number);

    memcpy(out, &bytes, sizeof bytes);
}

uint64_t tls_keys_get_u64(const uint8_t bytes[8])
{
    uint64_t number;

    memcpy(&number, bytes, sizeof number);
    return be64toh(number);
}

static void begin(const struct tls_keys *keys, struct tls_derive *derive)
{
    tls_derive_begin(derive, keys->hash,
                     (struct str){(const char *)keys->secret, tls_derive_len(keys->hash)});
}

void tls_keys_derive(struct tls_keys *keys, struct tls_derive *derive)
{
    begin(keys, derive);
    tls_derive_expand(derive, keys->hash, STR("key"), keys->key, tls_crypt_key_len(keys->cipher));
    tls_derive_expand(derive, keys->hash, STR("iv"), keys->iv, sizeof keys->iv);
    tls_derive_forget(derive, keys->hash);
}

void tls_keys_advance(struct tls_keys *keys, struct tls_derive *derive)
{
    begin(keys, derive);
    tls_derive_expand(derive, keys->hash, STR("traffic upd"), keys->secret,
                      tls_derive_len(keys->hash));
    tls_keys_derive(keys, derive);
    keys->seq = 0;
}

static const uint8_t *take(const uint8_t *from, uint8_t *to, size_t len)
{
    memcpy(to, from, len);
    return from + len;
}

/* No MAC keys for an AEAD: both keys, then both ivs. GCM's are the salt only. */
void tls_keys_expand(const struct tls_keys_origin *origin, struct tls_derive *derive,
                     struct tls_keys *client, struct tls_keys *server)
{
    uint8_t block[BLOCK_MAX];
    const uint8_t *at = block;
    size_t key_len = tls_crypt_key_len(client->cipher);
    size_t iv_len = client->cipher == TLS_CIPHER_CHACHA ? TLS_CRYPT_NONCE : SALT;

    tls_derive_begin(derive, client->hash, origin->master);
    tls_derive_prf(derive, client->hash, origin->seed, block, 2 * (key_len + iv_len));
    tls_derive_forget(derive, client->hash);
    at = take(at, client->key, key_len);
    at = take(at, server->key, key_len);
    at = take(at, client->iv, iv_len);
    take(at, server->iv, iv_len);
    crypto_wipe(block, sizeof block);
}

void tls_keys_nonce(const struct tls_keys *keys, uint8_t out[TLS_CRYPT_NONCE])
{
    memcpy(out, keys->iv, TLS_CRYPT_NONCE - 8);
    tls_keys_put_u64(tls_keys_get_u64(keys->iv + TLS_CRYPT_NONCE - 8) ^ keys->seq,
                     out + TLS_CRYPT_NONCE - 8);
}

void tls_keys_wipe(struct tls_keys *keys)
{
    crypto_wipe(keys, sizeof *keys);
}
