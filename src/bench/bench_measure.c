#include "bench/bench_measure.h"

#include "bench/bench_progress.h"
#include "bench/bench_team.h"
#include "net/file_limit.h"
#include "net/loop.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    LOOK_MS = 100,                 /* how often it is looked whether all are well */
    SET_UP_US = 600 * 1000 * 1000, /* more links than can be opened meanwhile are too many */
    US_PER_MS = 1000,
};

struct measure {
    const struct bench_options *options;
    struct bench_plan plan;
    struct bench_team team;
    struct bench_progress progress;
    struct bench_result *result;
    const char *why; /* it failed, if the board does not know better */
};

/* What stands at one end of a run. */
struct mark {
    uint64_t at_us;
    uint64_t operations;
    uint64_t errors;
    struct bench_cpu cpu;
};

static bool fail(struct measure *self, const char *why)
{
    if (self->why == NULL)
        self->why = why;
    return false;
}

static bool is_counted(const struct measure *self, enum bench_work work)
{
    return self->plan.counts_all || self->plan.main == work;
}

static uint64_t operations(const struct measure *self)
{
    uint64_t sum = 0;

    for (unsigned work = 0; work < BENCH_WORKS; work++) {
        if (is_counted(self, (enum bench_work)work))
            sum += bench_board_operations(self->team.board, (enum bench_work)work);
    }
    return sum;
}

static uint64_t errors(const struct measure *self)
{
    uint64_t sum = 0;

    for (unsigned work = 0; work < BENCH_WORKS; work++) {
        if (is_counted(self, (enum bench_work)work))
            sum += bench_board_errors(self->team.board, (enum bench_work)work);
    }
    return sum;
}

static bool take_mark(struct measure *self, struct mark *out)
{
    uint64_t pid = self->options->pid;

    *out = (struct mark){.operations = operations(self), .errors = errors(self)};
    if (pid != 0 && bench_cpu_read(pid, &out->cpu) != ERR_NONE)
        return fail(self, "can't read the CPU time of --pid");
    out->at_us = loop_clock_us();
    return true;
}

static struct bench_sample between(const struct mark *begin, const struct mark *end)
{
    return (struct bench_sample){
        .operations = end->operations - begin->operations,
        .errors = end->errors - begin->errors,
        .elapsed_us = end->at_us - begin->at_us,
        .cpu = {.total_us = end->cpu.total_us - begin->cpu.total_us,
                .user_us = end->cpu.user_us - begin->cpu.user_us,
                .system_us = end->cpu.system_us - begin->cpu.system_us},
    };
}

/* Until the time is over or, where that is asked for, all are ready. */
static bool wait_until(struct measure *self, uint64_t end_us, bool for_all)
{
    for (;;) {
        uint64_t now_us = loop_clock_us();
        uint64_t left_ms = now_us < end_us ? (end_us - now_us + US_PER_MS - 1) / US_PER_MS : 0;

        if (left_ms == 0)
            return !for_all || fail(self, "not all was done within ten minutes");

        switch (bench_team_wait(&self->team, left_ms < LOOK_MS ? (int)left_ms : LOOK_MS)) {
        case BENCH_TEAM_GONE:
            return fail(self, "a process of the bench has ended");
        case BENCH_TEAM_READY:
            if (for_all)
                return true;
            break;
        case BENCH_TEAM_BUSY:
            break;
        }
        bench_progress_count(&self->progress, operations(self));
    }
}

static bool wait_ms(struct measure *self, uint64_t ms)
{
    return wait_until(self, loop_clock_us() + ms * US_PER_MS, false);
}

static bool wait_for_all(struct measure *self)
{
    return wait_until(self, loop_clock_us() + SET_UP_US, true);
}

static void say_run(struct measure *self)
{
    char step[48];

    snprintf(step, sizeof step, "run %zu of %" PRIu64, self->result->runs + 1, self->options->runs);
    bench_progress_step(&self->progress, step, operations(self));
}

static void set_measuring(struct measure *self, bool is_measuring)
{
    atomic_store(&self->team.board->is_measuring, is_measuring);
}

static bool go(struct measure *self)
{
    return bench_team_go(&self->team) || fail(self, "a process of the bench has ended");
}

static bool measure_by_time(struct measure *self)
{
    struct mark begin;
    struct mark end;

    bench_progress_step(&self->progress, "warming up", 0);
    if (!go(self) || !wait_ms(self, self->options->warm_ms))
        return false;
    set_measuring(self, true);
    if (!take_mark(self, &begin))
        return false;
    while (self->result->runs < self->options->runs) {
        say_run(self);
        if (!wait_ms(self, self->options->for_ms) || !take_mark(self, &end))
            return false;
        self->result->samples[self->result->runs++] = between(&begin, &end);
        begin = end;
    }
    set_measuring(self, false);
    return true;
}

static bool measure_once_by_count(struct measure *self)
{
    struct mark begin;
    struct mark end;

    say_run(self);
    set_measuring(self, true);
    if (!take_mark(self, &begin) || !go(self) || !wait_for_all(self) || !take_mark(self, &end))
        return false;
    set_measuring(self, false);
    self->result->samples[self->result->runs++] = between(&begin, &end);
    return true;
}

static bool measure_by_count(struct measure *self)
{
    while (self->result->runs < self->options->runs) {
        if (self->options->scenario == BENCH_STORM && !wait_ms(self, self->options->warm_ms))
            return false;
        if (!measure_once_by_count(self))
            return false;
    }
    return true;
}

static bool read_rss(struct measure *self, uint64_t *kb)
{
    uint64_t pid = self->options->pid;

    *kb = 0;
    return pid == 0 || bench_cpu_read_rss(pid, kb) == ERR_NONE ||
           fail(self, "can't read the memory of --pid");
}

/* What the server needed only to let the links in goes back in the time to settle. */
static bool measure_idle(struct measure *self)
{
    uint64_t before_kb;
    uint64_t after_kb;

    if (!read_rss(self, &before_kb) || !measure_by_count(self))
        return false;
    bench_progress_step(&self->progress, "settling", operations(self));
    if (!wait_ms(self, self->options->for_ms) || !read_rss(self, &after_kb))
        return false;
    self->result->has_rss = self->options->pid != 0;
    self->result->rss_kb_each = ((double)after_kb - (double)before_kb) / (double)self->plan.links;
    return true;
}

static bool measure_scenario(struct measure *self)
{
    bench_progress_step(&self->progress, "setting up", 0);
    if (!wait_for_all(self))
        return false;
    self->result->links = self->plan.links;
    if (self->options->scenario == BENCH_IDLE)
        return measure_idle(self);
    return self->plan.is_by_count ? measure_by_count(self) : measure_by_time(self);
}

static void take_parts(struct measure *self)
{
    struct bench_result *result = self->result;
    const struct bench_board *board = self->team.board;

    for (unsigned work = 0; work < BENCH_WORKS; work++) {
        struct bench_part part = {
            .name = bench_plan_work_name((enum bench_work)work),
            .operations = bench_board_operations(board, (enum bench_work)work),
            .errors = bench_board_errors(board, (enum bench_work)work),
        };

        if (part.operations + part.errors == 0)
            continue;
        bench_board_latency(board, (enum bench_work)work, &part.latency);
        result->resumed += bench_board_resumed(board, (enum bench_work)work);
        result->parts[result->part_count++] = part;
    }
    bench_board_late(board, &result->late);
    if (!self->plan.counts_all)
        result->main = bench_plan_work_name(self->plan.main);
    snprintf(result->tls, sizeof result->tls, "%s", board->rows[0].tls);
}

static bool lead(struct measure *self, bench_measure_fn on_held)
{
    bool is_well = measure_scenario(self);

    bench_progress_end(&self->progress);
    if (is_well && on_held != NULL) {
        take_parts(self); /* no process counts any more */
        on_held(self->options, self->result);
    }
    is_well = bench_team_stop(&self->team) && is_well;
    if (is_well && on_held == NULL)
        take_parts(self);
    if (!is_well)
        fprintf(stderr, "switchyard bench: %s\n",
                bench_board_why(self->team.board) != NULL ? bench_board_why(self->team.board)
                                                          : self->why);
    bench_team_free(&self->team);
    return is_well;
}

bool bench_measure(const struct bench_options *options, bench_measure_fn on_held,
                   struct bench_result *out)
{
    struct measure self = {
        .options = options,
        .plan = bench_plan_make(options, file_limit_raise()),
        .progress = bench_progress_begin(bench_options_scenario_name(options->scenario)),
        .result = out,
    };

    *out = (struct bench_result){
        .scenario = bench_options_scenario_name(options->scenario),
        .pid = options->pid,
        .is_beside = options->scenario == BENCH_PONG_UNDER_LOAD,
        .may_resume = options->resume,
    };
    if (bench_team_start(&self.team, options, &self.plan) != ERR_NONE) {
        fprintf(stderr, "switchyard bench: the processes of the bench can't be started\n");
        return false;
    }
    return lead(&self, on_held);
}
