/*
 * bench_histogram - counts durations in buckets that grow with them, for percentiles.
 *
 * Below 64 us each microsecond has a bucket; above, each power of two has 32, so that what is read
 * back is at most 1/32 above what was recorded. The longest is kept as it was. Of fixed size and
 * without pointers, so that it may lie in memory that processes share. One thread at a time.
 */
#pragma once

#include <stdint.h>

enum { BENCH_HISTOGRAM_BUCKETS = 1024 };

/* Longer ones count as so long: 19 hours. */
#define BENCH_HISTOGRAM_MAX_US ((UINT64_C(1) << 36) - 1)

/* Zero-filled is empty. */
struct bench_histogram {
    uint64_t count;
    uint64_t max_us;
    uint64_t buckets[BENCH_HISTOGRAM_BUCKETS];
};

void bench_histogram_add(struct bench_histogram *histogram, uint64_t us);
void bench_histogram_merge(struct bench_histogram *into, const struct bench_histogram *from);

/*
 * What `share` (above 0, at most 1) of the durations do not exceed, in microseconds; 0 when there
 * are none. Never above the longest.
 */
uint64_t bench_histogram_at(const struct bench_histogram *histogram, double share);
