/*
 * bench_idle - devices that connect, upgrade and register, a bounded number at a time, and stay.
 *
 * What is measured is from the first to the last of them, and then, once they have been idle for
 * --for, the memory. With --hold they stay until standard input ends. Private to bench.
 */
#pragma once

#include "ctl/bench_run.h"

void bench_idle(struct bench_run *run);

/* The id of the index-th device: consecutive hexadecimal numbers, as long as the first. */
enum { BENCH_ID_CAP = 33 };
void bench_idle_id(const struct bench_options *options, uint64_t index, char out[BENCH_ID_CAP]);
