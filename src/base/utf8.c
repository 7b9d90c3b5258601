#include "base/utf8.h"

#include "base/word.h"

enum { PAIR_BYTES = 2 * WORD_BYTES };

/*
 * A state says what the next byte must be. Only the byte after E0, ED, F0 or F4 has a range of its
 * own (RFC 3629 section 4); every other continuation byte is 80 to BF.
 */
enum state {
    DONE = UTF8_DONE,
    LAST,
    TWO_LEFT,
    THREE_LEFT,
    AFTER_E0, /* not an overlong form */
    AFTER_ED, /* not a surrogate */
    AFTER_F0, /* not an overlong form */
    AFTER_F4, /* not past U+10FFFF */
};

struct step {
    uint8_t low;
    uint8_t high;
    uint8_t next;
};

static const struct step steps[] = {
    [LAST] = {0x80, 0xbf, DONE},           [TWO_LEFT] = {0x80, 0xbf, LAST},
    [THREE_LEFT] = {0x80, 0xbf, TWO_LEFT}, [AFTER_E0] = {0xa0, 0xbf, LAST},
    [AFTER_ED] = {0x80, 0x9f, LAST},       [AFTER_F0] = {0x90, 0xbf, TWO_LEFT},
    [AFTER_F4] = {0x80, 0x8f, TWO_LEFT},
};

/* The state behind a lead byte of 80 or more; DONE when no character starts with it. */
static uint8_t state_after_lead(uint8_t lead)
{
    if (lead < 0xc2 || lead > 0xf4)
        return DONE;
    if (lead < 0xe0)
        return LAST;
    if (lead < 0xf0)
        return lead == 0xe0 ? AFTER_E0 : lead == 0xed ? AFTER_ED : TWO_LEFT;
    return lead == 0xf0 ? AFTER_F0 : lead == 0xf4 ? AFTER_F4 : THREE_LEFT;
}

static bool is_pair_ascii(const char *bytes)
{
    return ((word_load(bytes) | word_load(bytes + WORD_BYTES)) & WORD_HIGH) == 0;
}

/* Steps over ASCII, two words at a time while there are two. */
static size_t skip_ascii(const char *bytes, size_t at, size_t len)
{
    while (len - at >= PAIR_BYTES && is_pair_ascii(bytes + at))
        at += PAIR_BYTES;
    while (len - at >= WORD_BYTES && (word_load(bytes + at) & WORD_HIGH) == 0)
        at += WORD_BYTES;
    while (at < len && (unsigned char)bytes[at] < 0x80)
        at++;
    return at;
}

bool utf8_feed(uint8_t *state, const char *bytes, size_t len)
{
    uint8_t now = *state;

    for (size_t at = 0; at < len; at++) {
        if (now == DONE) {
            at = skip_ascii(bytes, at, len);
            if (at == len)
                break;
            now = state_after_lead((uint8_t)bytes[at]);
            if (now == DONE)
                return false;
        } else {
            if ((uint8_t)bytes[at] < steps[now].low || (uint8_t)bytes[at] > steps[now].high)
                return false;
            now = steps[now].next;
        }
    }
    *state = now;
    return true;
}

bool utf8_is_valid(const char *bytes, size_t len)
{
    uint8_t state = UTF8_DONE;

    return utf8_feed(&state, bytes, len) && state == UTF8_DONE;
}

size_t utf8_char(const char *bytes, size_t len, bool *is_valid)
{
    uint8_t state = UTF8_DONE;
    size_t taken = 0;

    /* A byte that breaks off a character is left: it may start the next one. */
    do {
        *is_valid = utf8_feed(&state, bytes + taken, 1);
        taken += *is_valid;
    } while (*is_valid && state != UTF8_DONE && taken < len);
    *is_valid = *is_valid && state == UTF8_DONE;
    return taken == 0 ? 1 : taken;
}
