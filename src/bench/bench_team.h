/*
 * bench_team - the processes of a bench: forked, told to begin, waited for, ended.
 *
 * The one that starts them does no work itself. They end when it closes their pipes, and so also
 * when it dies. One thread, before any other is started.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "bench/bench_board.h"
#include "bench/bench_options.h"
#include "bench/bench_plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct bench_team {
    struct bench_board *board; /* owned */
    size_t count;
    struct bench_member {
        pid_t pid;
        int up;   /* says that it is ready; ends with it */
        int down; /* one byte: go */
        bool is_ready;
    } members[BENCH_PROCESSES_MAX];
};

/* Starts one for each duty; both are borrowed until bench_team_stop(). ERR_IO: the system is out of
 * something. */
MUST_USE enum err bench_team_start(struct bench_team *team, const struct bench_options *options,
                                   const struct bench_plan *plan);

/* All are to begin, or to do it once more. False when one is gone. */
MUST_USE bool bench_team_go(struct bench_team *team);

enum bench_team_state {
    BENCH_TEAM_BUSY,
    BENCH_TEAM_READY, /* all have done what they were told, or what comes before */
    BENCH_TEAM_GONE,  /* one has ended: the board tells why */
};
/* Waits at most so long for a change. */
enum bench_team_state bench_team_wait(struct bench_team *team, int max_wait_ms);

/* Ends all and waits for that; the board stays. False when one of them failed. */
bool bench_team_stop(struct bench_team *team);
void bench_team_free(struct bench_team *team);
