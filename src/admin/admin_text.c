#include "admin/admin_text.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/utf8.h"
#include "store/store_record.h"

#include <assert.h>

enum { PASSWORD_MIN = 8, PASSWORD_MAX = 128, TOKEN_MAX = 256 };

typedef bool (*byte_fn)(unsigned char byte);

static bool is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_word(unsigned char byte)
{
    return is_digit(byte) || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           byte == '-' || byte == '_';
}

static bool is_lower(unsigned char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') || byte == '-';
}

/* Visible ASCII. */
static bool is_visible(unsigned char byte)
{
    return byte > 0x20 && byte < 0x7f;
}

static bool is_printable(unsigned char byte)
{
    return byte >= 0x20 && byte != 0x7f;
}

static bool is_all(struct str text, byte_fn is_fit)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_fit((unsigned char)text.ptr[i]))
            return false;
    return true;
}

static bool is_made_of(struct str text, size_t min, size_t max, byte_fn is_fit)
{
    return text.len >= min && text.len <= max && is_all(text, is_fit);
}

const char *admin_text_check_app_id(struct str text)
{
    return is_made_of(text, 1, STORE_APP_ID_CAP - 1, is_word)
               ? NULL
               : "1 to 64 letters, digits, '-' or '_'";
}

const char *admin_text_check_secret(struct str text)
{
    static_assert(STORE_APP_SECRET_CAP == STORE_DEVICE_KEY_CAP, "one check for both");
    return is_made_of(text, 1, STORE_APP_SECRET_CAP - 1, is_visible)
               ? NULL
               : "1 to 64 visible ASCII characters without spaces";
}

const char *admin_text_check_account(struct str text)
{
    size_t at = str_find(text, '@');
    struct str digits = str_sub(text, 1, text.len);
    bool is_phone = str_starts(text, STR("+")) && digits.len >= 5 && digits.len <= 20 &&
                    is_all(digits, is_digit);
    bool is_mail = at > 0 && text.len - at > 1 && at != text.len &&
                   is_made_of(text, 3, STORE_ACCOUNT_CAP - 1, is_visible);

    return is_phone || is_mail ? NULL
                               : "an e-mail address (ann@example.com) or a phone number with its "
                                 "country code (+8613512345678)";
}

const char *admin_text_check_apikey(struct str text)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    bool is_uuid = text.len == sizeof shape - 1;

    for (size_t i = 0; is_uuid && i < text.len; i++) {
        bool is_hex =
            is_digit((unsigned char)text.ptr[i]) || (text.ptr[i] >= 'a' && text.ptr[i] <= 'f');

        is_uuid = shape[i] == '-' ? text.ptr[i] == '-' : is_hex;
    }
    return is_uuid ? NULL : "a UUID in lower case (8f54bd8e-2f1c-4b1e-9e0c-6a3c6a3c1d2e)";
}

const char *admin_text_check_region(struct str text)
{
    return is_made_of(text, 1, STORE_REGION_CAP - 1, is_lower)
               ? NULL
               : "1 to 8 lower-case letters, digits or '-'";
}

const char *admin_text_check_password(struct str text)
{
    bool is_fit = is_made_of(text, PASSWORD_MIN, PASSWORD_MAX, is_printable) &&
                  utf8_is_valid(text.ptr, text.len);

    return is_fit ? NULL : "8 to 128 bytes without control characters";
}

const char *admin_text_check_device_id(struct str text)
{
    return is_made_of(text, 1, STORE_DEVICE_ID_CAP - 1, is_word)
               ? NULL
               : "1 to 32 letters, digits, '-' or '_' (1000abcdef)";
}

const char *admin_text_check_label(struct str text)
{
    bool is_fit = is_made_of(text, 0, STORE_NAME_CAP - 1, is_printable) &&
                  (text.len == 0 || utf8_is_valid(text.ptr, text.len));

    return is_fit ? NULL : "at most 128 bytes without control characters";
}

const char *admin_text_check_token(struct str text)
{
    return is_made_of(text, 1, TOKEN_MAX, is_visible)
               ? NULL
               : "1 to 256 visible ASCII characters without spaces";
}

void admin_text_random(size_t len, char *out)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    enum { COUNT = sizeof letters - 1, FAIR = 256 / COUNT * COUNT };
    size_t made = 0;

    while (made < len) {
        uint8_t byte;

        crypto_random(&byte, sizeof byte);
        if (byte < FAIR)
            out[made++] = letters[byte % COUNT];
    }
    out[len] = '\0';
}

void admin_text_time(struct json_out *out, const char *key, int64_t wall_ms)
{
    char text[CLOCK_ISO_CAP];

    if (wall_ms == 0) {
        json_out_null(out, key);
        return;
    }
    clock_format_iso(wall_ms, text);
    json_out_str(out, key, str_of(text));
}
