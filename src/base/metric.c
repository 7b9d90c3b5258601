#include "base/metric.h"

#include "base/alloc.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum kind { COUNTER, GAUGE, HISTOGRAM };

static const struct row {
    enum kind kind;
    const char *name;
    const char *labels;
    const char *help;
} rows[] = {
#define METRIC(id, kind, name, labels, help) {kind, name, labels, help},
#include "base/metric.def"
#undef METRIC
};

/* The upper ends of the buckets, as numbers and as Prometheus writes them: in seconds. */
static const struct bucket {
    uint64_t us;
    const char *le;
} buckets[] = {
    {50, "0.00005"},  {100, "0.0001"},  {250, "0.00025"},     {500, "0.0005"},  {1000, "0.001"},
    {2500, "0.0025"}, {5000, "0.005"},  {10000, "0.01"},      {25000, "0.025"}, {50000, "0.05"},
    {100000, "0.1"},  {250000, "0.25"}, {500000, "0.5"},      {1000000, "1"},   {2500000, "2.5"},
    {5000000, "5"},   {10000000, "10"}, {UINT64_MAX, "+Inf"},
};

enum { BUCKETS = sizeof buckets / sizeof *buckets, CACHE_LINE = 64 };

static_assert(sizeof rows / sizeof *rows == METRIC_COUNT, "one row for each metric");

/* The edges keep other objects out of the cache lines that the owning thread writes. */
struct metric_set {
    char front[CACHE_LINE];
    _Atomic int64_t values[METRIC_COUNT];            /* of a histogram: the sum in microseconds */
    _Atomic int64_t observed[METRIC_COUNT][BUCKETS]; /* histograms: how many fell in the bucket */
    char back[CACHE_LINE];
};

struct metric_set *metric_set_new(void)
{
    return alloc_zero(sizeof(struct metric_set));
}

void metric_set_free(struct metric_set *set)
{
    free(set);
}

/* A set has one writer, so this need not be one locked instruction; readers see old or new. */
static void add(_Atomic int64_t *value, int64_t delta)
{
    int64_t now = atomic_load_explicit(value, memory_order_relaxed);

    atomic_store_explicit(value, now + delta, memory_order_relaxed);
}

void metric_add(struct metric_set *set, enum metric metric, int64_t delta)
{
    assert(metric < METRIC_COUNT && rows[metric].kind != HISTOGRAM);
    if (set != NULL)
        add(&set->values[metric], delta);
}

void metric_set_to(struct metric_set *set, enum metric metric, int64_t value)
{
    assert(metric < METRIC_COUNT && rows[metric].kind == GAUGE);
    if (set != NULL)
        atomic_store_explicit(&set->values[metric], value, memory_order_relaxed);
}

void metric_observe_us(struct metric_set *set, enum metric metric, uint64_t us)
{
    size_t at = 0;

    assert(metric < METRIC_COUNT && rows[metric].kind == HISTOGRAM);
    if (set == NULL)
        return;
    while (us > buckets[at].us)
        at++;
    add(&set->observed[metric][at], 1);
    add(&set->values[metric], (int64_t)us);
}

static int64_t sum_values(struct metric_set *const *sets, size_t count, enum metric metric)
{
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += atomic_load_explicit(&sets[i]->values[metric], memory_order_relaxed);
    return sum;
}

static int64_t sum_bucket(struct metric_set *const *sets, size_t count, enum metric metric,
                          size_t bucket)
{
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += atomic_load_explicit(&sets[i]->observed[metric][bucket], memory_order_relaxed);
    return sum;
}

int64_t metric_total(struct metric_set *const *sets, size_t count, enum metric metric)
{
    int64_t sum = 0;

    assert(metric < METRIC_COUNT);
    if (rows[metric].kind != HISTOGRAM)
        return sum_values(sets, count, metric);
    for (size_t i = 0; i < BUCKETS; i++)
        sum += sum_bucket(sets, count, metric, i);
    return sum;
}

/* `suffix` of the name, the labels with `le` among them when there is one, and a space. */
static void format_name(const struct row *row, const char *suffix, const char *le, struct buf *out)
{
    bool has_labels = row->labels[0] != '\0';

    buf_printf(out, "%s%s", row->name, suffix);
    if (has_labels || le != NULL)
        buf_printf(out, "{%s", row->labels);
    if (le != NULL)
        buf_printf(out, "%sle=\"%s\"", has_labels ? "," : "", le);
    if (has_labels || le != NULL)
        buf_append_byte(out, '}');
    buf_append_byte(out, ' ');
}

static void format_histogram(struct metric_set *const *sets, size_t count, enum metric metric,
                             struct buf *out)
{
    const struct row *row = &rows[metric];
    const int64_t sum_us = sum_values(sets, count, metric);
    int64_t seen = 0;

    for (size_t i = 0; i < BUCKETS; i++) {
        seen += sum_bucket(sets, count, metric, i);
        format_name(row, "_bucket", buckets[i].le, out);
        buf_printf(out, "%" PRId64 "\n", seen);
    }
    format_name(row, "_sum", NULL, out);
    buf_printf(out, "%" PRId64 ".%06" PRId64 "\n", sum_us / 1000000, sum_us % 1000000);
    format_name(row, "_count", NULL, out);
    buf_printf(out, "%" PRId64 "\n", seen);
}

static void format_head(const struct row *row, struct buf *out)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};

    buf_printf(out, "# HELP %s %s\n", row->name, row->help);
    buf_printf(out, "# TYPE %s %s\n", row->name, kinds[row->kind]);
}

void metric_format(struct metric_set *const *sets, size_t count, struct buf *out)
{
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        const struct row *row = &rows[i];

        if (i == 0 || strcmp(row->name, rows[i - 1].name) != 0)
            format_head(row, out);
        if (row->kind == HISTOGRAM) {
            format_histogram(sets, count, (enum metric)i, out);
        } else {
            format_name(row, "", NULL, out);
            buf_printf(out, "%" PRId64 "\n", sum_values(sets, count, (enum metric)i));
        }
    }
}
