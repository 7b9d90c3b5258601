/*
 * bench_measure - leads a bench from its beginning to its figures.
 *
 *     links are set up - go - warm-up - run, run, ... - stop       what has a measured time
 *     links are set up - (go - all done - pause), ... - stop       what is measured until it is
 * done
 *
 * Reads the server's CPU and the counts of all processes at each end of a run.
 */
#pragma once

#include "base/attr.h"
#include "bench/bench_options.h"
#include "bench/bench_result.h"

#include <stdbool.h>

/* Called when the figures are there while all links are still open; may wait for something. */
typedef void (*bench_measure_fn)(const struct bench_options *options,
                                 const struct bench_result *result);

/* False after a complaint to stderr. on_held may be NULL. */
MUST_USE bool bench_measure(const struct bench_options *options, bench_measure_fn on_held,
                            struct bench_result *out);
