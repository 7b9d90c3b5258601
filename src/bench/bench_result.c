#include "bench/bench_result.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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
    bool is_each;  /* of an operation */
} figures[] = {
    {"per_second", "operations a second", "", per_second, 1, false, false},
    {"cpu_us", "server's CPU each", " us", cpu_us, 2, true, true},
    {"user_us", "  of it user", " us", user_us, 2, true, true},
    {"system_us", "  of it kernel", " us", system_us, 2, true, true},
    {"busy", "cores it kept busy", "", busy, 2, true, false},
};

enum { FIGURES = sizeof figures / sizeof *figures };

static bool applies(const struct bench_result *result, const struct figure *figure)
{
    if (figure->is_each && result->is_beside)
        return false;
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

/* The latencies of what the scenario is about; NULL when that is not one kind of thing. */
static const struct bench_histogram *latency_of(const struct bench_result *result)
{
    for (size_t i = 0; i < result->part_count; i++) {
        if (result->main != NULL && strcmp(result->parts[i].name, result->main) == 0 &&
            result->parts[i].latency.count > 0)
            return &result->parts[i].latency;
    }
    return NULL;
}

/* ---- for machines ---- */

static void put_latency(struct buf *out, const char *key, const struct bench_histogram *latency)
{
    if (latency == NULL || latency->count == 0)
        return;
    buf_printf(out,
               ",\"%s\":{\"p50\":%" PRIu64 ",\"p99\":%" PRIu64 ",\"p999\":%" PRIu64
               ",\"max\":%" PRIu64 "}",
               key, bench_histogram_at(latency, 0.5), bench_histogram_at(latency, 0.99),
               bench_histogram_at(latency, 0.999), latency->max_us);
}

static void put_spreads(struct buf *out, const struct bench_result *result)
{
    for (size_t i = 0; i < FIGURES; i++) {
        if (!applies(result, &figures[i]))
            continue;

        struct bench_spread spread = spread_of(result, &figures[i]);

        buf_printf(out, ",\"%s\":{\"median\":%.3f,\"low\":%.3f,\"high\":%.3f}", figures[i].key,
                   spread.median, spread.low, spread.high);
    }
}

/* Where there is more than one. */
static void put_parts(struct buf *out, const struct bench_result *result, double seconds)
{
    if (result->part_count < 2)
        return;
    buf_append(out, STR(",\"parts\":{"));
    for (size_t i = 0; i < result->part_count; i++) {
        const struct bench_part *part = &result->parts[i];

        buf_printf(
            out, "%s\"%s\":{\"operations\":%" PRIu64 ",\"errors\":%" PRIu64 ",\"per_second\":%.3f",
            i == 0 ? "" : ",", part->name, part->operations, part->errors,
            ratio((double)part->operations, seconds));
        put_latency(out, "latency_us", &part->latency);
        buf_append_byte(out, '}');
    }
    buf_append_byte(out, '}');
}

void bench_result_json(const struct bench_result *result, struct buf *out)
{
    struct bench_sample all = sum(result);
    double seconds = (double)all.elapsed_us / 1e6;

    buf_printf(out, "{\"scenario\":\"%s\"", result->scenario);
    if (result->pid != 0)
        buf_printf(out, ",\"pid\":%" PRIu64, result->pid);
    if (result->tls[0] != '\0')
        buf_printf(out, ",\"tls\":\"%s\"", result->tls);
    buf_printf(out,
               ",\"runs\":%zu,\"operations\":%" PRIu64 ",\"errors\":%" PRIu64 ",\"seconds\":%.3f",
               result->runs, all.operations, all.errors, seconds);
    put_spreads(out, result);
    put_latency(out, "latency_us", latency_of(result));
    put_latency(out, "late_us", &result->late);
    if (result->may_resume)
        buf_printf(out, ",\"resumed\":%" PRIu64, result->resumed);
    if (result->links > 0)
        buf_printf(out, ",\"links\":%" PRIu64, result->links);
    if (result->has_rss)
        buf_printf(out, ",\"rss_kb_each\":%.3f", result->rss_kb_each);
    put_parts(out, result, seconds);
    buf_append(out, STR("}\n"));
}

/* ---- for people ---- */

static void say_spreads(struct buf *out, const struct bench_result *result)
{
    buf_printf(out, "%26s %12s %12s %12s\n", "", "median", "lowest", "highest");
    for (size_t i = 0; i < FIGURES; i++) {
        if (!applies(result, &figures[i]))
            continue;

        struct bench_spread spread = spread_of(result, &figures[i]);
        int digits = figures[i].digits;

        buf_printf(out, "  %-24s %12.*f %12.*f %12.*f%s\n", figures[i].title, digits, spread.median,
                   digits, spread.low, digits, spread.high, figures[i].unit);
    }
}

static void say_duration(struct buf *out, uint64_t us)
{
    if (us < 10000)
        buf_printf(out, " %9" PRIu64 " us", us);
    else if (us < 10000000)
        buf_printf(out, " %9.1f ms", (double)us / 1e3);
    else
        buf_printf(out, " %9.1f s ", (double)us / 1e6);
}

static void say_latency(struct buf *out, const char *title, const struct bench_histogram *latency)
{
    static const double shares[] = {0.5, 0.99, 0.999};

    if (latency->count == 0)
        return;
    buf_printf(out, "  %-24s", title);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        say_duration(out, bench_histogram_at(latency, shares[i]));
    say_duration(out, latency->max_us);
    buf_append_byte(out, '\n');
}

static void say_latencies(struct buf *out, const struct bench_result *result)
{
    if (result->part_count == 0)
        return;
    buf_printf(out, "\n%26s %12s %12s %12s %12s\n", "time for each", "half", "99 %", "99.9 %",
               "longest");
    for (size_t i = 0; i < result->part_count; i++)
        say_latency(out, result->parts[i].name, &result->parts[i].latency);
    say_latency(out, "(generator was late)", &result->late);
}

static void say_parts(struct buf *out, const struct bench_result *result, double seconds)
{
    if (result->part_count < 2)
        return;
    buf_printf(out, "\n%26s %12s %12s %12s\n", "of which", "operations", "a second", "errors");
    for (size_t i = 0; i < result->part_count; i++)
        buf_printf(out, "  %-24s %12" PRIu64 " %12.0f %12" PRIu64 "\n", result->parts[i].name,
                   result->parts[i].operations, ratio((double)result->parts[i].operations, seconds),
                   result->parts[i].errors);
}

void bench_result_table(const struct bench_result *result, struct buf *out)
{
    struct bench_sample all = sum(result);
    double seconds = (double)all.elapsed_us / 1e6;

    buf_printf(out, "%s: %" PRIu64 " operations, %" PRIu64 " errors, %zu run%s, %.1f s%s%s\n\n",
               result->scenario, all.operations, all.errors, result->runs,
               result->runs == 1 ? "" : "s", seconds, result->tls[0] == '\0' ? "" : ", ",
               result->tls);
    say_spreads(out, result);
    if (result->links > 0)
        buf_printf(out, "  %-24s %12" PRIu64 "\n", "links", result->links);
    if (result->has_rss)
        buf_printf(out, "  %-24s %12.3f KB\n", "memory of a link", result->rss_kb_each);
    if (result->may_resume)
        buf_printf(out, "  %-24s %12" PRIu64 "\n", "sessions resumed", result->resumed);
    say_parts(out, result, seconds);
    say_latencies(out, result);
}
