#include "net/tls_keys.h"

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

void tls_keys_derive(struct tls_keys *keys)
{
    tls_crypt_expand(keys->hash, keys->secret, STR("key"), keys->key,
                     tls_crypt_key_len(keys->cipher));
    tls_crypt_expand(keys->hash, keys->secret, STR("iv"), keys->iv, sizeof keys->iv);
}

void tls_keys_advance(struct tls_keys *keys)
{
    uint8_t next[TLS_CRYPT_HASH_MAX];
    size_t len = tls_crypt_hash_len(keys->hash);

    tls_crypt_expand(keys->hash, keys->secret, STR("traffic upd"), next, len);
    memcpy(keys->secret, next, len);
    crypto_wipe(next, sizeof next);
    tls_keys_derive(keys);
    keys->seq = 0;
}

static const uint8_t *take(const uint8_t *from, uint8_t *to, size_t len)
{
    memcpy(to, from, len);
    return from + len;
}

/* No MAC keys for an AEAD: both keys, then both ivs. GCM's are the salt only. */
void tls_keys_expand(struct str master, struct str seed, struct tls_keys *client,
                     struct tls_keys *server)
{
    uint8_t block[BLOCK_MAX];
    const uint8_t *at = block;
    size_t key_len = tls_crypt_key_len(client->cipher);
    size_t iv_len = client->cipher == TLS_CIPHER_CHACHA ? TLS_CRYPT_NONCE : SALT;

    tls_crypt_prf(client->hash, master, seed, block, 2 * (key_len + iv_len));
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
