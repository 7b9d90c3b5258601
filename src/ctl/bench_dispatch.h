/*
 * bench_dispatch - POST /dispatch/app, over connections that are kept or a new one each time.
 *
 * Private to bench.
 */
#pragma once

#include "ctl/bench_run.h"

void bench_dispatch(struct bench_run *run);
