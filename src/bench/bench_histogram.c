#include "bench/bench_histogram.h"

#include <assert.h>
#include <stddef.h>

/*
 * The bucket of 1abcdexxxxx is where 1abcde stands among the 32 of its power of two:
 *
 *     0 ... 31  32 ... 63 | 64, 66 ... 126 | 128, 132 ... 252 | ...
 *         one us each     |   two us each  |   four us each   |
 */
enum { DIGITS = 5, A_POWER = 1 << DIGITS };

static unsigned shift_of(uint64_t us)
{
    unsigned bits = us == 0 ? 1 : 64 - (unsigned)__builtin_clzll(us);

    return bits <= DIGITS + 1 ? 0 : bits - DIGITS - 1;
}

static size_t bucket_of(uint64_t us)
{
    unsigned shift = shift_of(us);

    return (size_t)A_POWER * shift + (size_t)(us >> shift);
}

/* The longest duration that falls into the bucket. */
static uint64_t end_of(size_t bucket)
{
    unsigned shift = bucket < (size_t)2 * A_POWER ? 0 : (unsigned)(bucket / A_POWER) - 1;

    return (((uint64_t)bucket - (uint64_t)A_POWER * shift + 1) << shift) - 1;
}

void bench_histogram_add(struct bench_histogram *histogram, uint64_t us)
{
    if (us > BENCH_HISTOGRAM_MAX_US)
        us = BENCH_HISTOGRAM_MAX_US;
    histogram->count++;
    histogram->buckets[bucket_of(us)]++;
    if (us > histogram->max_us)
        histogram->max_us = us;
}

void bench_histogram_merge(struct bench_histogram *into, const struct bench_histogram *from)
{
    into->count += from->count;
    for (size_t i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
    if (from->max_us > into->max_us)
        into->max_us = from->max_us;
}

uint64_t bench_histogram_at(const struct bench_histogram *histogram, double share)
{
    double wanted = share * (double)histogram->count;
    uint64_t seen = 0;

    assert(share > 0 && share <= 1);
    if (histogram->count == 0)
        return 0;
    for (size_t i = 0; i < BENCH_HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if ((double)seen >= wanted && seen > 0)
            return end_of(i) < histogram->max_us ? end_of(i) : histogram->max_us;
    }
    return histogram->max_us;
}
