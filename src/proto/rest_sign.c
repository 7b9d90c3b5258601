#include "proto/rest_sign.h"

#include "base/buf.h"
#include "base/crypto.h"

#include <assert.h>
#include <stdlib.h>

enum { SIGN_CAP = (CRYPTO_SHA256_BYTES + 2) / 3 * 4 + 1 };

enum quoting { QUOTES_NONE, QUOTES_TEXTS, QUOTES_ALL, QUOTINGS };

struct str rest_sign_of(struct str authorization)
{
    struct str scheme;

    if (authorization.ptr == NULL || !str_split(&authorization, ' ', &scheme) ||
        !str_eq_nocase(scheme, STR("Sign")))
        return STR_EMPTY;
    return authorization.len == 0 ? STR("") : str_trim(authorization);
}

bool rest_sign_is_of_body(struct str sign, struct str secret, struct str body)
{
    uint8_t mac[CRYPTO_SHA256_BYTES];
    char text[SIGN_CAP];

    crypto_hmac_sha256(secret, body, STR_EMPTY, mac);
    crypto_base64(mac, sizeof mac, text, sizeof text);
    return crypto_equal(sign, str_of(text));
}

static int compare(const void *a, const void *b)
{
    return str_cmp((*(const struct rest_arg *const *)a)->name,
                   (*(const struct rest_arg *const *)b)->name);
}

static bool is_number(struct str name)
{
    return str_eq(name, STR("ts")) || str_eq(name, STR("version"));
}

static void append_pair(struct buf *out, const struct rest_arg *arg, enum quoting quoting)
{
    bool is_quoted = quoting == QUOTES_ALL || (quoting == QUOTES_TEXTS && !is_number(arg->name));

    if (out->len > 0)
        buf_append_byte(out, '&');
    buf_append(out, arg->name);
    buf_append_byte(out, '=');
    if (is_quoted)
        buf_append_byte(out, '"');
    buf_append(out, arg->text);
    if (is_quoted)
        buf_append_byte(out, '"');
}

bool rest_sign_is_of_args(struct str sign, struct str secret, const struct rest_args *args)
{
    const struct rest_arg *sorted[REST_ARGS_MAX];
    struct buf text = BUF_EMPTY;
    bool is_signed = false;

    for (size_t i = 0; i < args->count; i++)
        sorted[i] = &args->items[i];
    qsort(sorted, args->count, sizeof(const struct rest_arg *), compare);
    for (int quoting = QUOTES_NONE; quoting < QUOTINGS && !is_signed; quoting++) {
        buf_clear(&text);
        for (size_t i = 0; i < args->count; i++)
            append_pair(&text, sorted[i], (enum quoting)quoting);
        is_signed = rest_sign_is_of_body(sign, secret, buf_str(&text));
    }
    buf_free(&text);
    return is_signed;
}
