/*
 * bench_links - devices that connect, upgrade and register, a bounded number at a time.
 *
 * What is measured is from the first to the last of them. With --hold they stay, idle, until
 * standard input ends: so the starter can read the server's memory. Private to bench.
 */
#pragma once

#include "ctl/bench_run.h"

void bench_links(struct bench_run *run);

/* The id of the index-th device: consecutive hexadecimal numbers, as long as the first. */
enum { BENCH_ID_CAP = 33 };
void bench_links_id(const struct bench_options *options, uint64_t index, char out[BENCH_ID_CAP]);
