/* Our calls beneath EVP against EVP itself, and against what others have published. */
#include "tls/tls_crypt.h"

#include <openssl/evp.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 16 * 1024 + 1, HEAD = 5 };

static const char *const names[TLS_CIPHERS] = {
    [TLS_CIPHER_AES_128] = "AES-128-GCM",
    [TLS_CIPHER_AES_256] = "AES-256-GCM",
    [TLS_CIPHER_CHACHA] = "ChaCha20-Poly1305",
};

struct texts {
    struct transport_thread thread;
    struct tls_crypt *crypt; /* the thread's */
    char plain[TEXT_MAX];
    char ours[TEXT_MAX + TLS_CRYPT_TAG];
    char evps[TEXT_MAX + TLS_CRYPT_TAG];
    char opened[TEXT_MAX];
};

static int set_up(void **state)
{
    struct texts *texts = calloc(1, sizeof *texts);

    if (texts == NULL)
        return -1;
    texts->crypt = tls_crypt_of(&texts->thread);
    for (size_t i = 0; i < TEXT_MAX; i++)
        texts->plain[i] = (char)(i * 7 + i / 256);
    *state = texts;
    return 0;
}

static int tear_down(void **state)
{
    struct texts *texts = *state;

    transport_thread_close(&texts->thread);
    free(texts);
    return 0;
}

static void evp_seal(const struct tls_crypt_box *box, struct str plain, char *out)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, names[box->cipher], NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t *at = (uint8_t *)out;
    int len;

    assert_int_equal(EVP_EncryptInit_ex2(ctx, cipher, box->key, box->nonce, NULL), 1);
    assert_int_equal(
        EVP_EncryptUpdate(ctx, NULL, &len, (const uint8_t *)box->head.ptr, (int)box->head.len), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, at, &len, (const uint8_t *)plain.ptr, (int)plain.len),
                     1);
    assert_int_equal(EVP_EncryptFinal_ex(ctx, at + plain.len, &len), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TLS_CRYPT_TAG, at + plain.len),
                     1);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
}

static void agree_with_evp(struct texts *texts, const struct tls_crypt_box *box, size_t len)
{
    memcpy(texts->ours, texts->plain, len);
    tls_crypt_seal(texts->crypt, box, texts->ours, len);
    evp_seal(box, (struct str){texts->plain, len}, texts->evps);
    assert_memory_equal(texts->ours, texts->evps, len + TLS_CRYPT_TAG);
    assert_true(tls_crypt_open(texts->crypt, box, (struct str){texts->ours, len + TLS_CRYPT_TAG},
                               texts->opened));
    assert_memory_equal(texts->opened, texts->plain, len);
}

/* Links by turns, some of them twice in a row, so that keys are changed and kept. */
static void every_length_under_changing_keys_is_as_evp_seals_it(void **state)
{
    for (enum tls_cipher cipher = TLS_CIPHER_AES_128; cipher <= TLS_CIPHER_CHACHA; cipher++) {
        uint8_t key[TLS_CRYPT_KEY_MAX];
        uint8_t nonce[TLS_CRYPT_NONCE] = {1, 2, 3};
        struct tls_crypt_box box = {cipher, key, nonce, STR("12345")};

        for (size_t len = 0; len <= TEXT_MAX; len += len < 600 ? 1 : 1973) {
            memset(key, (int)(len % 3), sizeof key);
            nonce[11] = (uint8_t)len;
            nonce[10] = (uint8_t)(len >> 8);
            agree_with_evp(*state, &box, len);
            agree_with_evp(*state, &box, len);
        }
    }
}

/* The last byte of a key counts as much as the first. */
static void keys_that_differ_in_one_byte_are_two_keys(void **state)
{
    for (enum tls_cipher cipher = TLS_CIPHER_AES_128; cipher <= TLS_CIPHER_CHACHA; cipher++) {
        static const uint8_t nonce[TLS_CRYPT_NONCE];
        uint8_t key[TLS_CRYPT_KEY_MAX] = {0};
        struct tls_crypt_box box = {cipher, key, nonce, STR("12345")};

        for (size_t i = 0; i < tls_crypt_key_len(cipher); i++) {
            key[i] ^= 0x80;
            agree_with_evp(*state, &box, 40);
        }
    }
}

static void the_key_that_nobody_has_yet_is_a_key_like_others(void **state)
{
    for (enum tls_cipher cipher = TLS_CIPHER_AES_128; cipher <= TLS_CIPHER_CHACHA; cipher++) {
        static const uint8_t zeros[TLS_CRYPT_KEY_MAX];
        struct tls_crypt_box box = {cipher, zeros, zeros, STR("12345")};

        agree_with_evp(*state, &box, 40);
    }
}

static void a_forgotten_key_can_be_given_again(void **state)
{
    struct texts *texts = *state;

    for (enum tls_cipher cipher = TLS_CIPHER_AES_128; cipher <= TLS_CIPHER_CHACHA; cipher++) {
        static const uint8_t zeros[TLS_CRYPT_KEY_MAX];
        static const uint8_t key[TLS_CRYPT_KEY_MAX] = {9, 8, 7};
        struct tls_crypt_box box = {cipher, key, zeros, STR("12345")};
        struct tls_crypt_box none = {cipher, zeros, zeros, STR("12345")};

        agree_with_evp(texts, &box, 40);
        tls_crypt_forget(texts->crypt, cipher, key);
        agree_with_evp(texts, &none, 40);
        tls_crypt_forget(texts->crypt, cipher, key);
        agree_with_evp(texts, &box, 40);
        tls_crypt_forget(texts->crypt, cipher, key);
        agree_with_evp(texts, &box, 40);
    }
}

static void nothing_forged_is_opened(void **state)
{
    struct texts *texts = *state;

    for (enum tls_cipher cipher = TLS_CIPHER_AES_128; cipher <= TLS_CIPHER_CHACHA; cipher++) {
        static const uint8_t zeros[TLS_CRYPT_KEY_MAX];
        char head[HEAD] = "12345";
        struct tls_crypt_box box = {cipher, zeros, zeros, {head, HEAD}};
        struct str sealed = {texts->ours, 40 + TLS_CRYPT_TAG};

        agree_with_evp(texts, &box, 40);
        for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
            texts->ours[bit / 8] ^= (char)(1 << bit % 8);
            assert_false(tls_crypt_open(texts->crypt, &box, sealed, texts->opened));
            texts->ours[bit / 8] ^= (char)(1 << bit % 8);
        }
        for (size_t i = 0; i < HEAD; i++) {
            head[i] ^= 1;
            assert_false(tls_crypt_open(texts->crypt, &box, sealed, texts->opened));
            head[i] ^= 1;
        }
        assert_true(tls_crypt_open(texts->crypt, &box, sealed, texts->opened));
    }
}

/* Test case 4 of the GCM specification (McGrew and Viega), and 16 with the longer key. */
static void the_answers_of_the_gcm_specification_are_ours(void **state)
{
    static const uint8_t key[] =
        "\xfe\xff\xe9\x92\x86\x65\x73\x1c\x6d\x6a\x8f\x94\x67\x30\x83\x08"
        "\xfe\xff\xe9\x92\x86\x65\x73\x1c\x6d\x6a\x8f\x94\x67\x30\x83\x08";
    static const uint8_t nonce[] = "\xca\xfe\xba\xbe\xfa\xce\xdb\xad\xde\xca\xf8\x88";
    static const char plain[] =
        "\xd9\x31\x32\x25\xf8\x84\x06\xe5\xa5\x59\x09\xc5\xaf\xf5\x26\x9a\x86\xa7\xa9\x53\x15\x34"
        "\xf7\xda\x2e\x4c\x30\x3d\x8a\x31\x8a\x72\x1c\x3c\x0c\x95\x95\x68\x09\x53\x2f\xcf\x0e\x24"
        "\x49\xa6\xb5\x25\xb1\x6a\xed\xf5\xaa\x0d\xe6\x57\xba\x63\x7b\x39";
    static const struct str head = {
        "\xfe\xed\xfa\xce\xde\xad\xbe\xef\xfe\xed\xfa\xce\xde\xad\xbe\xef\xab\xad\xda\xd2", 20};
    static const char tags[2][TLS_CRYPT_TAG + 1] = {
        "\x5b\xc9\x4f\xbc\x32\x21\xa5\xdb\x94\xfa\xe9\x5a\xe7\x12\x1a\x47",
        "\x76\xfc\x6e\xce\x0f\x4e\x17\x68\xcd\xdf\x88\x53\xbb\x2d\x55\x1b",
    };
    struct texts *texts = *state;

    for (enum tls_cipher cipher = TLS_CIPHER_AES_128; cipher <= TLS_CIPHER_AES_256; cipher++) {
        struct tls_crypt_box box = {cipher, key, nonce, head};

        memcpy(texts->ours, plain, sizeof plain - 1);
        tls_crypt_seal(texts->crypt, &box, texts->ours, sizeof plain - 1);
        assert_memory_equal(texts->ours + sizeof plain - 1, tags[cipher], TLS_CRYPT_TAG);
    }
}

/* RFC 8439 section 2.8.2. */
static void the_answer_of_rfc_8439_is_ours(void **state)
{
    const struct str plain =
        STR("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
            "future, sunscreen would be it.");
    static const uint8_t nonce[] = "\x07\x00\x00\x00\x40\x41\x42\x43\x44\x45\x46\x47";
    static const struct str head = {"\x50\x51\x52\x53\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7", 12};
    struct texts *texts = *state;
    uint8_t key[TLS_CRYPT_KEY_MAX];
    struct tls_crypt_box box = {TLS_CIPHER_CHACHA, key, nonce, head};

    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(0x80 + i);
    memcpy(texts->ours, plain.ptr, plain.len);
    tls_crypt_seal(texts->crypt, &box, texts->ours, plain.len);
    assert_memory_equal(texts->ours, "\xd3\x1a\x8d\x34\x64\x8e\x60\xdb\x7b\x86\xaf\xbc\x53\xef",
                        14);
    assert_memory_equal(texts->ours + plain.len,
                        "\x1a\xe1\x0b\x59\x4f\x09\xe2\x6a\x7e\x90\x2e\xcb\xd0\x60\x06\x91",
                        TLS_CRYPT_TAG);
}

static void openssl_has_every_cipher(void **state)
{
    const struct texts *texts = *state;

    for (enum tls_cipher cipher = TLS_CIPHER_AES_128; cipher <= TLS_CIPHER_CHACHA; cipher++)
        assert_true(tls_crypt_has(texts->crypt, cipher));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_has_every_cipher),
        cmocka_unit_test(the_answers_of_the_gcm_specification_are_ours),
        cmocka_unit_test(the_answer_of_rfc_8439_is_ours),
        cmocka_unit_test(every_length_under_changing_keys_is_as_evp_seals_it),
        cmocka_unit_test(keys_that_differ_in_one_byte_are_two_keys),
        cmocka_unit_test(the_key_that_nobody_has_yet_is_a_key_like_others),
        cmocka_unit_test(a_forgotten_key_can_be_given_again),
        cmocka_unit_test(nothing_forged_is_opened),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
