/*
 * word - looks at eight bytes of a text at a time.
 *
 * A mask has the high bit of each byte that was found. Its lowest is always right; those behind it
 * may be wrong where a borrow went through them, so only word_first() may be asked of a mask of
 * word_below() and word_equal(). Pure functions, any thread.
 */
#pragma once

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WORD_BYTES = 8 };

#define WORD_OF(byte) (UINT64_C(0x0101010101010101) * (byte)) /* eight times the same */
#define WORD_HIGH WORD_OF(0x80)                               /* the high bit of each byte */

/* Eight bytes at any alignment, the first lowest. */
static inline uint64_t word_load(const char *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return le64toh(word);
}

/* Bytes below `limit`, which is at most 80 hexadecimal. */
static inline uint64_t word_below(uint64_t word, uint8_t limit)
{
    return (word - WORD_OF(limit)) & ~word & WORD_HIGH;
}

/* Bytes equal to `byte`. */
static inline uint64_t word_equal(uint64_t word, uint8_t byte)
{
    return word_below(word ^ WORD_OF(byte), 1);
}

/* The offset of the first byte that a mask (not 0) found. */
static inline size_t word_first(uint64_t mask)
{
    return (size_t)__builtin_ctzll(mask) / 8;
}
