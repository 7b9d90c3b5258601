#include "tls/tls_keys.h"

#include "tls/tls_record_private.h"
#include "tls_pair.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* RFC 8448 section 3: the simple handshake, from its traffic secrets on. */
static const uint8_t client_secret[] =
    "\x9e\x40\x64\x6c\xe7\x9a\x7f\x9d\xc0\x5a\xf8\x88\x9b\xce\x65\x52"
    "\x87\x5a\xfa\x0b\x06\xdf\x00\x87\xf7\x92\xeb\xb7\xc1\x75\x04\xa5";
static const uint8_t server_secret[] =
    "\xa1\x1a\xf9\xf0\x55\x31\xf8\x56\xad\x47\x11\x6b\x45\xa9\x50\x32"
    "\x82\x04\xb4\xf4\x4b\xfb\x6b\x3a\x4b\x4f\x1f\x3f\xcb\x63\x16\x43";
static const uint8_t client_key[] =
    "\x17\x42\x2d\xda\x59\x6e\xd5\xd9\xac\xd8\x90\xe3\xc6\x3f\x50\x51";
static const uint8_t client_iv[] = "\x5b\x78\x92\x3d\xee\x08\x57\x90\x33\xe5\x23\xd9";
static const uint8_t server_key[] =
    "\x9f\x02\x28\x3b\x6c\x9c\x07\xef\xc2\x6b\xb9\xf2\xac\x92\xe3\x56";
static const uint8_t server_iv[] = "\xcf\x78\x2b\x88\xdd\x83\x54\x9a\xad\xf1\xe9\x84";
static const struct str client_data = {
    "\x17\x03\x03\x00\x43\xa2\x3f\x70\x54\xb6\x2c\x94\xd0\xaf\xfa\xfe\x82\x28\xba\x55\xcb\xef"
    "\xac\xea\x42\xf9\x14\xaa\x66\xbc\xab\x3f\x2b\x98\x19\xa8\xa5\xb4\x6b\x39\x5b\xd5\x4a\x9a"
    "\x20\x44\x1e\x2b\x62\x97\x4e\x1f\x5a\x62\x92\xa2\x97\x70\x14\xbd\x1e\x3d\xea\xe6\x3a\xee"
    "\xbb\x21\x69\x49\x15\xe4",
    72};
static const struct str server_data = {
    "\x17\x03\x03\x00\x43\x2e\x93\x7e\x11\xef\x4a\xc7\x40\xe5\x38\xad\x36\x00\x5f\xc4\xa4\x69"
    "\x32\xfc\x32\x25\xd0\x5f\x82\xaa\x1b\x36\xe3\x0e\xfa\xf9\x7d\x90\xe6\xdf\xfc\x60\x2d\xcb"
    "\x50\x1a\x59\xa8\xfc\xc4\x9c\x4b\xf2\xe5\xf0\xa2\x1c\x00\x47\xc2\xab\xf3\x32\x54\x0d\xd0"
    "\x32\xe1\x67\xc2\x95\x5d",
    72};
static const struct str client_close = {
    "\x17\x03\x03\x00\x13\xc9\x87\x27\x60\x65\x56\x66\xb7\x4d\x7f\xf1\x15\x3e\xfd\x6d\xb6\xd0\xb0"
    "\xe3",
    24};
static const struct str server_close = {
    "\x17\x03\x03\x00\x13\xb5\x8f\xd6\x71\x66\xeb\xf5\x99\xd2\x47\x20\xcf\xbe\x7e\xfa\x7a\x88\x64"
    "\xa9",
    24};

enum { DATA_BYTES = 50 };

static void set(struct tls_keys *keys, const uint8_t *secret)
{
    struct tls_derive *derive = tls_derive_new();

    keys->cipher = TLS_CIPHER_AES_128;
    keys->hash = TLS_HASH_SHA256;
    memcpy(keys->secret, secret, 32);
    tls_keys_derive(keys, derive);
    tls_derive_free(derive);
}

static void the_keys_of_rfc_8448_come_from_its_secrets(void **state)
{
    struct tls_keys client = {0};
    struct tls_keys server = {0};

    (void)state;
    set(&client, client_secret);
    set(&server, server_secret);
    assert_memory_equal(client.key, client_key, sizeof client_key - 1);
    assert_memory_equal(client.iv, client_iv, sizeof client_iv - 1);
    assert_memory_equal(server.key, server_key, sizeof server_key - 1);
    assert_memory_equal(server.iv, server_iv, sizeof server_iv - 1);
}

/* The server's first record, seq 0, was its ticket. */
static struct tls_side rfc_server(void)
{
    struct pool *pool = pool_new();
    struct tls_record *record = tls_record_make(pool);
    struct tls_side side = {.transport = &record->base};

    pool_free(pool); /* lasts as long as the record */
    set(&record->read, client_secret);
    set(&record->write, server_secret);
    record->write.seq = 1;
    tls_record_handover_begin(record, true);
    transport_settle(side.transport, &side.thread);
    return side;
}

static void rfc_server_free(struct tls_side *side)
{
    side->transport->ops->free(side->transport);
    transport_thread_close(&side->thread);
    buf_free(&side->plain);
    buf_free(&side->to_peer);
}

static void expect_wire(struct tls_side *side, struct str wire)
{
    assert_int_equal(side->to_peer.len, wire.len);
    assert_memory_equal(side->to_peer.ptr, wire.ptr, wire.len);
    buf_clear(&side->to_peer);
}

static void the_records_of_rfc_8448_are_opened_and_sealed(void **state)
{
    (void)state;
    for (size_t step = 1; step <= client_data.len; step++) {
        struct tls_side side = rfc_server();
        char data[DATA_BYTES];

        for (size_t i = 0; i < DATA_BYTES; i++)
            data[i] = (char)i;
        for (size_t at = 0; at < client_data.len; at += step) {
            tls_pair_feed(&side, str_sub(client_data, at, step));
            assert_int_equal(side.status, TRANSPORT_OK);
        }
        assert_int_equal(side.plain.len, DATA_BYTES);
        assert_memory_equal(side.plain.ptr, data, DATA_BYTES);
        tls_pair_write(&side, (struct str){data, DATA_BYTES});
        expect_wire(&side, server_data);
        tls_pair_feed(&side, client_close);
        assert_int_equal(side.status, TRANSPORT_ENDED);
        tls_pair_close(&side);
        expect_wire(&side, server_close);
        rfc_server_free(&side);
    }
}

static void a_nonce_is_the_iv_with_the_number_of_the_record(void **state)
{
    struct tls_keys keys = {.seq = UINT64_C(0x0102030405060708)};
    uint8_t nonce[TLS_CRYPT_NONCE];

    (void)state;
    memset(keys.iv, 0xff, sizeof keys.iv);
    tls_keys_nonce(&keys, nonce);
    assert_memory_equal(nonce, "\xff\xff\xff\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\xf7", sizeof nonce);
}

static void wiped_keys_are_zeros(void **state)
{
    static const struct tls_keys none;
    struct tls_keys keys = {0};

    (void)state;
    set(&keys, client_secret);
    keys.seq = 5;
    tls_keys_wipe(&keys);
    assert_memory_equal(&keys, &none, sizeof keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_keys_of_rfc_8448_come_from_its_secrets),
        cmocka_unit_test(the_records_of_rfc_8448_are_opened_and_sealed),
        cmocka_unit_test(a_nonce_is_the_iv_with_the_number_of_the_record),
        cmocka_unit_test(wiped_keys_are_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
