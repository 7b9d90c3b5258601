/*
 * metric - counters, gauges and histograms, one set per thread, summed by the reader.
 *
 * metric.def is the one list: name, labels, kind, help. A thread writes only its own set, with
 * relaxed atomics, so counting costs one uncontended add; any thread may read.
 */
#pragma once

#include "base/buf.h"

#include <stddef.h>
#include <stdint.h>

enum metric {
#define METRIC(id, kind, name, labels, help) METRIC_##id,
#include "base/metric.def"
#undef METRIC
    METRIC_COUNT
};

struct metric_set;

struct metric_set *metric_set_new(void);
void metric_set_free(struct metric_set *set); /* accepts NULL */

/* A NULL set is accepted and counts nothing. */
void metric_add(struct metric_set *set, enum metric metric, int64_t delta);
void metric_set_to(struct metric_set *set, enum metric metric, int64_t value); /* gauges */
/* Histograms: a duration in microseconds, kept in fixed buckets from 50 us to 10 s. */
void metric_observe_us(struct metric_set *set, enum metric metric, uint64_t us);

/* The sum over the sets; of a histogram, how many durations were observed. */
int64_t metric_total(struct metric_set *const *sets, size_t count, enum metric metric);

/* Appends the Prometheus text format, version 0.0.4, of the sum over the sets. */
void metric_format(struct metric_set *const *sets, size_t count, struct buf *out);
