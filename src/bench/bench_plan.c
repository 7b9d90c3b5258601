#include "bench/bench_plan.h"

#include <assert.h>

/*
 * A link of a fleet pings every two minutes, is told something four times an hour, and is lost
 * once in six hours, upon which it asks dispatch and connects anew. In six hours that is:
 */
enum { MIX_PINGS = 180, MIX_COMMANDS = 24, MIX_LOST = 1, MIX = MIX_PINGS + MIX_COMMANDS + 2 };

enum {
    SPARE_FILES = 64, /* of a process: its pipes, its loop, what it was started with */
    MIX_CONNECTIONS = 16,
    PING_PER_MINUTE = 5 * 60, /* of each quiet link */
};

const char *bench_plan_work_name(enum bench_work work)
{
    static const char *const names[] = {
        [BENCH_WORK_IDLE] = "idle",         [BENCH_WORK_COMMANDS] = "commands",
        [BENCH_WORK_DISPATCH] = "dispatch", [BENCH_WORK_CONNECT] = "connect",
        [BENCH_WORK_STORM] = "storm",       [BENCH_WORK_PING] = "ping",
        [BENCH_WORK_GARBAGE] = "garbage",
    };

    return names[work];
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The part of `whole` that falls to the index-th of `parts`, and where it begins. */
static uint64_t share(uint64_t whole, size_t parts, size_t index, uint64_t *first)
{
    uint64_t rest = whole % parts;

    *first = whole / parts * index + least(rest, index);
    return whole / parts + (index < rest);
}

static void add(struct bench_duty *duty, struct bench_job job)
{
    if (job.count == 0)
        return;
    assert(duty->job_count < BENCH_JOBS_MAX);
    job.in_flight = least(job.in_flight, job.count);
    duty->jobs[duty->job_count++] = job;
}

/* As many as the option says, or as the descriptors demand; never more than there is to share. */
static size_t processes(const struct bench_options *options, uint64_t files, uint64_t needed)
{
    uint64_t room = files > SPARE_FILES ? files - SPARE_FILES : 1;
    uint64_t count = options->processes;

    if (count == 0)
        count = needed / room + (needed % room > 0);
    count = least(count, options->connections);
    return (size_t)least(count, BENCH_PROCESSES_MAX);
}

/* All links of the connections. */
static uint64_t links(const struct bench_options *options, enum bench_work work)
{
    if (work != BENCH_WORK_COMMANDS)
        return options->connections;
    return options->connections + (options->devices != 0 ? options->devices : options->connections);
}

/* All connections do the same work. */
static void plan_one(struct bench_plan *plan, const struct bench_options *options, uint64_t files,
                     enum bench_work work)
{
    uint64_t in_flight = work == BENCH_WORK_STORM && options->in_flight == 0 ? options->connections
                                                                             : options->in_flight;

    if (in_flight == 0)
        in_flight = BENCH_IN_FLIGHT;
    plan->main = work;
    plan->devices = work == BENCH_WORK_DISPATCH ? 0 : options->connections;
    if (work == BENCH_WORK_COMMANDS && options->devices != 0)
        plan->devices = options->devices;
    if (work != BENCH_WORK_CONNECT)
        plan->links = links(options, work);
    plan->is_by_count = work == BENCH_WORK_IDLE || work == BENCH_WORK_STORM;
    plan->count = processes(options, files, links(options, work));
    for (size_t i = 0; i < plan->count; i++) {
        struct bench_job job = {.work = work};
        uint64_t ignored;

        job.count = share(options->connections, plan->count, i, &job.first);
        job.in_flight = share(in_flight, plan->count, i, &ignored);
        if (job.in_flight == 0)
            job.in_flight = 1;
        add(&plan->duties[i], job);
    }
}

/* The probe, then what disturbs it, then commands. Devices: pairs, quiet links, the storm's. */
static void plan_pong(struct bench_plan *plan, const struct bench_options *options, uint64_t files)
{
    size_t loads = processes(options, files, options->connections * 2);
    uint64_t in_flight = options->in_flight == 0 ? options->storm : options->in_flight;
    uint64_t devices = options->connections + options->quiet;

    loads = least(loads, BENCH_PROCESSES_MAX - 2);
    plan->main = BENCH_WORK_PING;
    plan->devices = devices + options->storm;
    plan->links = devices + options->connections;
    plan->count = loads + 2;
    plan->duties[0].is_probe = true;
    add(&plan->duties[0], (struct bench_job){.work = BENCH_WORK_PING,
                                             .first = options->connections,
                                             .count = options->quiet,
                                             .in_flight = BENCH_IN_FLIGHT,
                                             .per_minute = options->quiet * PING_PER_MINUTE});
    add(&plan->duties[1], (struct bench_job){.work = BENCH_WORK_STORM,
                                             .first = devices,
                                             .count = options->storm,
                                             .in_flight = in_flight,
                                             .repeats = true});
    add(&plan->duties[1],
        (struct bench_job){.work = BENCH_WORK_GARBAGE, .count = options->garbage, .in_flight = 1});
    for (size_t i = 0; i < loads; i++) {
        struct bench_job job = {.work = BENCH_WORK_COMMANDS, .in_flight = BENCH_IN_FLIGHT};

        job.count = share(options->connections, loads, i, &job.first);
        add(&plan->duties[2 + i], job);
    }
}

/* Everything in one process and in proportion. Devices: pairs, quiet links, those that are lost. */
static void plan_mixed(struct bench_plan *plan, const struct bench_options *options)
{
    uint64_t per_minute = options->rate * 60;
    uint64_t devices = options->connections + options->quiet;
    struct bench_duty *duty = &plan->duties[0];

    plan->counts_all = true;
    plan->devices = devices + MIX_CONNECTIONS;
    plan->links = devices + options->connections;
    plan->count = 1;
    add(duty, (struct bench_job){.work = BENCH_WORK_COMMANDS,
                                 .count = options->connections,
                                 .in_flight = BENCH_IN_FLIGHT,
                                 .per_minute = per_minute * MIX_COMMANDS / MIX});
    add(duty, (struct bench_job){.work = BENCH_WORK_PING,
                                 .first = options->connections,
                                 .count = options->quiet,
                                 .in_flight = BENCH_IN_FLIGHT,
                                 .per_minute = per_minute * MIX_PINGS / MIX});
    add(duty, (struct bench_job){.work = BENCH_WORK_CONNECT,
                                 .first = devices,
                                 .count = MIX_CONNECTIONS,
                                 .in_flight = MIX_CONNECTIONS,
                                 .per_minute = per_minute * MIX_LOST / MIX});
    add(duty, (struct bench_job){.work = BENCH_WORK_DISPATCH,
                                 .count = MIX_CONNECTIONS,
                                 .in_flight = MIX_CONNECTIONS,
                                 .per_minute = per_minute * MIX_LOST / MIX});
}

struct bench_plan bench_plan_make(const struct bench_options *options, uint64_t files)
{
    struct bench_plan plan = {.count = 0};

    switch (options->scenario) {
    case BENCH_IDLE:
        plan_one(&plan, options, files, BENCH_WORK_IDLE);
        break;
    case BENCH_COMMANDS:
        plan_one(&plan, options, files, BENCH_WORK_COMMANDS);
        break;
    case BENCH_DISPATCH:
        plan_one(&plan, options, files, BENCH_WORK_DISPATCH);
        break;
    case BENCH_CONNECT:
        plan_one(&plan, options, files, BENCH_WORK_CONNECT);
        break;
    case BENCH_STORM:
        plan_one(&plan, options, files, BENCH_WORK_STORM);
        break;
    case BENCH_PONG_UNDER_LOAD:
        plan_pong(&plan, options, files);
        break;
    case BENCH_MIXED:
        plan_mixed(&plan, options);
        break;
    }
    return plan;
}
