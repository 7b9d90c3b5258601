/*
 * bench_load - the kinds of work that a bench's processes do, a table of functions each.
 *
 *     bench_idle      links that are opened and stay
 *     bench_commands  app -> device -> ack -> app
 *     bench_dispatch  POST /dispatch/app
 *     bench_connect   links that are opened and closed, again and again
 *     bench_storm     links that are cut and come back, all at once
 *     bench_ping      links that ping when it is due
 *     bench_garbage   clients that send what no client should
 *
 * Private to bench.
 */
#pragma once

#include "bench/bench_run.h"

extern const struct bench_load bench_idle;
extern const struct bench_load bench_commands;
extern const struct bench_load bench_dispatch;
extern const struct bench_load bench_connect;
extern const struct bench_load bench_storm;
extern const struct bench_load bench_ping;
extern const struct bench_load bench_garbage;
