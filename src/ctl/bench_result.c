#include "ctl/bench_result.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;

    return (*left > *right) - (*left < *right);
}

struct bench_spread bench_result_spread(double *values, size_t count)
{
    size_t middle = count / 2;

    assert(count > 0);
    qsort(values, count, sizeof *values, compare);
    return (struct bench_spread){
        .median = count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2,
        .low = values[0],
        .high = values[count - 1],
    };
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

static double per_second(const struct bench_sample *sample)
{
    return ratio((double)sample->operations * 1e6, (double)sample->elapsed_us);
}

static double cpu_us(const struct bench_sample *sample)
{
    return ratio((double)sample->cpu.total_us, (double)sample->operations);
}

/* The scheduler's total, shared out as the kernel's ticks say. */
static double user_us(const struct bench_sample *sample)
{
    return cpu_us(sample) * ratio((double)sample->cpu.user_us,
                                  (double)(sample->cpu.user_us + sample->cpu.system_us));
}

static double system_us(const struct bench_sample *sample)
{
    return cpu_us(sample) * ratio((double)sample->cpu.system_us,
                                  (double)(sample->cpu.user_us + sample->cpu.system_us));
}

static double busy(const struct bench_sample *sample)
{
    return ratio((double)sample->cpu.total_us, (double)sample->elapsed_us);
}

static const struct figure {
    const char *key;
    const char *title;
    const char *unit;
    double (*of)(const struct bench_sample *sample);
    int digits;    /* behind the point, in the table */
    bool is_spent; /* known with the server's process only */
} figures[] = {
    {"per_second", "operations a second", "", per_second, 0, false},
    {"cpu_us", "server's CPU each", "us", cpu_us, 2, true},
    {"user_us", "  of it user", "us", user_us, 2, true},
    {"system_us", "  of it kernel", "us", system_us, 2, true},
    {"busy", "cores it kept busy", "", busy, 2, true},
};

enum { FIGURES = sizeof figures / sizeof *figures };

static bool applies(const struct bench_result *result, const struct figure *figure)
{
    return !figure->is_spent || result->pid != 0;
}

static struct bench_spread spread_of(const struct bench_result *result, const struct figure *figure)
{
    double values[BENCH_RESULT_RUNS_MAX];

    assert(result->runs <= BENCH_RESULT_RUNS_MAX);
    for (size_t i = 0; i < result->runs; i++)
        values[i] = figure->of(&result->samples[i]);
    return bench_result_spread(values, result->runs);
}

static struct bench_sample sum(const struct bench_result *result)
{
    struct bench_sample all = {0};

    for (size_t i = 0; i < result->runs; i++) {
        all.operations += result->samples[i].operations;
        all.errors += result->samples[i].errors;
        all.elapsed_us += result->samples[i].elapsed_us;
    }
    return all;
}

void bench_result_json(const struct bench_result *result, struct buf *out)
{
    struct bench_sample all = sum(result);

    buf_printf(out, "{\"scenario\":\"%s\",", result->scenario);
    if (result->pid != 0)
        buf_printf(out, "\"pid\":%" PRIu64 ",", result->pid);
    buf_printf(out,
               "\"runs\":%zu,\"operations\":%" PRIu64 ",\"errors\":%" PRIu64 ",\"seconds\":%.3f",
               result->runs, all.operations, all.errors, (double)all.elapsed_us / 1e6);
    for (size_t i = 0; i < FIGURES; i++) {
        if (!applies(result, &figures[i]))
            continue;

        struct bench_spread spread = spread_of(result, &figures[i]);

        buf_printf(out, ",\"%s\":{\"median\":%.3f,\"low\":%.3f,\"high\":%.3f}", figures[i].key,
                   spread.median, spread.low, spread.high);
    }
    if (result->links > 0)
        buf_printf(out, ",\"links\":%" PRIu64, result->links);
    if (result->has_rss)
        buf_printf(out, ",\"rss_kb_each\":%.3f", result->rss_kb_each);
    buf_append(out, STR("}\n"));
}

void bench_result_table(const struct bench_result *result, struct buf *out)
{
    struct bench_sample all = sum(result);

    buf_printf(out, "%s: %" PRIu64 " operations, %" PRIu64 " errors, %zu run(s), %.1f s\n\n",
               result->scenario, all.operations, all.errors, result->runs,
               (double)all.elapsed_us / 1e6);
    buf_printf(out, "%24s %12s %12s %12s\n", "", "median", "lowest", "highest");
    for (size_t i = 0; i < FIGURES; i++) {
        if (!applies(result, &figures[i]))
            continue;

        struct bench_spread spread = spread_of(result, &figures[i]);
        int digits = figures[i].digits;

        buf_printf(out, "  %-22s %12.*f %12.*f %12.*f %s\n", figures[i].title, digits,
                   spread.median, digits, spread.low, digits, spread.high, figures[i].unit);
    }
    if (result->links > 0)
        buf_printf(out, "  %-22s %12" PRIu64 "\n", "links", result->links);
    if (result->has_rss)
        buf_printf(out, "  %-22s %12.3f %31s\n", "memory of a link", result->rss_kb_each, "KB");
}
