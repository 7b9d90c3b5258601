/*
 * chunk - looks at many bytes of a JSON text at a time: sixteen where the machine has SSE2, eight
 * elsewhere.
 *
 * Marks the bytes that end the plain part of a string, and those of 80 and more, which must prove
 * to be UTF-8. A mark has a bit (or eight) for each byte, the first byte's lowest; only the first
 * of the stops is sure (see word.h). Pure functions, any thread.
 */
#pragma once

#include "base/word.h"

#if defined __SSE2__ && !defined CHUNK_PORTABLE
#include <emmintrin.h>
#endif

struct chunk_marks {
    uint64_t stops; /* a control byte, a quote or a backslash */
    uint64_t high;  /* 80 and more */
};

#if defined __SSE2__ && !defined CHUNK_PORTABLE

enum { CHUNK_BYTES = 16, CHUNK_MARK_BITS = 1 };

/* Of CHUNK_BYTES at any alignment. */
static inline struct chunk_marks chunk_mark(const char *bytes)
{
    const __m128i last_control = _mm_set1_epi8(0x1f);
    __m128i chunk = _mm_loadu_si128((const __m128i *)(const void *)bytes);
    __m128i stops = _mm_cmpeq_epi8(_mm_max_epu8(chunk, last_control), last_control);

    stops = _mm_or_si128(stops, _mm_cmpeq_epi8(chunk, _mm_set1_epi8('"')));
    stops = _mm_or_si128(stops, _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\\')));
    return (struct chunk_marks){
        .stops = (unsigned)_mm_movemask_epi8(stops),
        .high = (unsigned)_mm_movemask_epi8(chunk),
    };
}

#else

enum { CHUNK_BYTES = WORD_BYTES, CHUNK_MARK_BITS = 8 };

static inline struct chunk_marks chunk_mark(const char *bytes)
{
    uint64_t word = word_load(bytes);

    return (struct chunk_marks){
        .stops = word_below(word, 0x20) | word_equal(word, '"') | word_equal(word, '\\'),
        .high = word & WORD_HIGH,
    };
}

#endif

/* The offset of the first byte that `stops` (not 0) marks. */
static inline size_t chunk_first(uint64_t stops)
{
    return (size_t)__builtin_ctzll(stops) / CHUNK_MARK_BITS;
}
