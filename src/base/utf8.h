/*
 * utf8 - validates UTF-8 (RFC 3629) in pieces: no overlongs, no surrogates, nothing past U+10FFFF.
 *
 * Feed any split of the bytes; the state is one byte, so it can live in a connection. Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTF8_DONE = 0 }; /* the start state, and the state between two characters */

/* False at the first byte that can't be; *state then has no meaning. */
bool utf8_feed(uint8_t *state, const char *bytes, size_t len);

/* The whole of `bytes` is valid and ends between two characters. */
bool utf8_is_valid(const char *bytes, size_t len);

/*
 * Steps over what stands at the front of a text (len > 0): one character, or bytes that make none
 * and that one U+FFFD should stand for. Returns its length.
 */
size_t utf8_char(const char *bytes, size_t len, bool *is_valid);
