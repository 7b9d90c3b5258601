#include "bench/bench_options.h"

#include "base/nearest.h"
#include "bench/bench_result.h"
#include "ctl/ctl.h"
#include "ctl/option_words.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { SIZE_MIN = 32, SIZE_MAX_BYTES = 16 * 1024, PROCESSES_MAX = 32 };

static const char usage[] =
    "usage: switchyard bench SCENARIO --server HOST:PORT [options]\n"
    "\n"
    "Loads a server over TLS, and says how many operations it did and what each cost it in CPU.\n"
    "docs/bench.md explains how, and ./dev bench compares Switchyard with its peers by it.\n"
    "\n"
    "  idle             devices connect, upgrade and register, and stay: CPU of each, memory of a\n"
    "                   link\n"
    "  commands         app -> device -> ack -> app, one command at a time for each pair of both\n"
    "  dispatch         POST /dispatch/app, answered before the next on that connection\n"
    "  connect          TLS, upgrade, register and close, again and again\n"
    "  storm            all links are cut at once and come back at once, the back-off being 0\n"
    "  pong-under-load  how long pings wait while commands saturate the server, links come back\n"
    "                   in storms and other clients send nonsense\n"
    "  mixed            what a fleet does, in its proportions: pings, commands, dispatch, "
    "connects\n"
    "\n"
    "  --server HOST:PORT  where the server is\n"
    "  --pid PID           the server's process, whose CPU time and memory are read\n"
    "  --speaks DIALECT    switchyard (the default); echo: any WebSocket server that returns each\n"
    "                      text message as it is; mqtt: a broker, MQTT 3.1.1 over WebSocket\n"
    "  --tls VERSION       any (the default), 1.2 or 1.3\n"
    "  --connections N     connections, pairs or links (default 64)\n"
    "  --devices N         commands: dealt out to the apps, each of which commands its own in "
    "turn\n"
    "                      (default: one for each app)\n"
    "  --in-flight N       how many connect at the same time (default 32; a storm's links all do)\n"
    "  --processes N       share the work out (default: as many as the limit of open files asks)\n"
    "  --warm DURATION     before the measured time, or between storms (default 1s)\n"
    "  --for DURATION      the measured time of a run; idle: the time to settle before the\n"
    "                      memory is read (default 5s)\n"
    "  --runs N            so many measured runs (default 1); idle has one\n"
    "  --token TOKEN       the access token; its index, from 0, is appended, but for dispatch\n"
    "  --tokens N          so many there are, used in turn (default: one for each app)\n"
    "  --appid ID          the app they were issued to\n"
    "  --id ID             the first of the devices' consecutive hexadecimal ids\n"
    "  --key KEY           the devices' factory key, the same for all\n"
    "  --size BYTES        commands: of the params, from 32 to 16384 (default: a switch alone)\n"
    "  --apps              idle: apps instead of devices\n"
    "  --hold              idle: keep the links open until standard input ends\n"
    "  --connect-each      dispatch: a new connection for every request\n"
    "  --resume            connect, storm, --connect-each: with the session of the connection\n"
    "                      before; without it every handshake is a full one\n"
    "  --quiet N           pong-under-load, mixed: links that only ping (default 200)\n"
    "  --storm N           pong-under-load: links that are cut and come back (default 500)\n"
    "  --garbage N         pong-under-load: clients that send nonsense (default 16)\n"
    "  --rate N            mixed: operations a second (default 5000)\n"
    "  --json              one JSON object for machines\n";

static const char *const dialects[] = {
    [BENCH_SWITCHYARD] = "switchyard", [BENCH_ECHO] = "echo", [BENCH_MQTT] = "mqtt", NULL};

static const char *const versions[] = {
    [BENCH_TLS_ANY] = "any", [BENCH_TLS_12] = "1.2", [BENCH_TLS_13] = "1.3", NULL};

#define ROW(name, kind, field)                                                                     \
    {                                                                                              \
        name, OPTION_##kind, offsetof(struct bench_options, field), NULL                           \
    }

static const struct option_row rows[] = {
    ROW("--server", TEXT, server),
    ROW("--pid", NUMBER, pid),
    {"--speaks", OPTION_CHOICE, offsetof(struct bench_options, speaks), dialects},
    {"--tls", OPTION_CHOICE, offsetof(struct bench_options, tls), versions},
    ROW("--connections", NUMBER, connections),
    ROW("--devices", NUMBER, devices),
    ROW("--in-flight", NUMBER, in_flight),
    ROW("--processes", NUMBER, processes),
    ROW("--warm", DURATION, warm_ms),
    ROW("--for", DURATION, for_ms),
    ROW("--runs", NUMBER, runs),
    ROW("--token", TEXT, token),
    ROW("--tokens", NUMBER, tokens),
    ROW("--appid", TEXT, appid),
    ROW("--id", TEXT, id),
    ROW("--key", TEXT, key),
    ROW("--size", NUMBER, size),
    ROW("--apps", FLAG, apps),
    ROW("--hold", FLAG, hold),
    ROW("--connect-each", FLAG, connect_each),
    ROW("--resume", FLAG, resume),
    ROW("--quiet", NUMBER, quiet),
    ROW("--storm", NUMBER, storm),
    ROW("--garbage", NUMBER, garbage),
    ROW("--rate", NUMBER, rate),
    ROW("--json", FLAG, json),
};

static const struct option_words table = {"switchyard bench", rows, sizeof rows / sizeof *rows};

static const char *const scenario_names[] = {
    [BENCH_IDLE] = "idle",         [BENCH_COMMANDS] = "commands",
    [BENCH_DISPATCH] = "dispatch", [BENCH_CONNECT] = "connect",
    [BENCH_STORM] = "storm",       [BENCH_PONG_UNDER_LOAD] = "pong-under-load",
    [BENCH_MIXED] = "mixed",
};

enum { SCENARIOS = sizeof scenario_names / sizeof *scenario_names, MAX_CONNECTIONS = 1000000 };

const char *bench_options_scenario_name(enum bench_scenario scenario)
{
    return scenario_names[scenario];
}

const char *bench_options_usage(void)
{
    return usage;
}

static bool parse_scenario(const char *word, enum bench_scenario *out)
{
    char hint[NEAREST_HINT_CAP];

    for (unsigned i = 0; i < SCENARIOS; i++) {
        if (strcmp(word, scenario_names[i]) == 0) {
            *out = (enum bench_scenario)i;
            return true;
        }
    }
    nearest_hint(word, scenario_names, SCENARIOS, hint);
    fprintf(stderr, "switchyard bench: no scenario \"%s\"%s\n", word,
            hint[0] == '\0' ? "; see --help" : hint);
    return false;
}

static bool needs_app(const struct bench_options *options)
{
    switch (options->scenario) {
    case BENCH_IDLE:
        return options->apps;
    case BENCH_CONNECT:
    case BENCH_STORM:
        return false;
    case BENCH_COMMANDS:
    case BENCH_DISPATCH:
    case BENCH_PONG_UNDER_LOAD:
    case BENCH_MIXED:
        return options->speaks != BENCH_MQTT;
    }
    return false;
}

static bool needs_device(const struct bench_options *options)
{
    return options->scenario != BENCH_DISPATCH &&
           !(options->scenario == BENCH_IDLE && options->apps);
}

static bool can_resume(const struct bench_options *options)
{
    return options->scenario == BENCH_CONNECT || options->scenario == BENCH_STORM ||
           options->scenario == BENCH_PONG_UNDER_LOAD || options->scenario == BENCH_MIXED ||
           (options->scenario == BENCH_DISPATCH && options->connect_each);
}

/* What is missing, or NULL. */
static const char *missing(const struct bench_options *options)
{
    if (options->server == NULL)
        return "--server is missing";
    if (needs_app(options) && (options->token == NULL || options->appid == NULL))
        return "--token and --appid are missing: switchyard ctl token issue shows both";
    if (needs_device(options) && (options->id == NULL || options->key == NULL))
        return "--id and --key are missing: switchyard ctl device create shows both";
    return NULL;
}

/* What can't be measured, or NULL. */
static const char *senseless(const struct bench_options *options)
{
    bool uses_http = options->scenario == BENCH_DISPATCH || options->scenario == BENCH_MIXED;

    if (options->connections > MAX_CONNECTIONS)
        return "--connections is at most 1000000";
    if (options->processes > PROCESSES_MAX)
        return "--processes is at most 32";
    if (options->for_ms == 0)
        return "--for must be above 0";
    if (options->runs > BENCH_RESULT_RUNS_MAX)
        return "--runs is at most 99";
    if (options->scenario == BENCH_IDLE && options->runs > 1)
        return "idle has one run: a server that has had links keeps some of their memory";
    if (uses_http && options->speaks != BENCH_SWITCHYARD)
        return "dispatch is asked with HTTP, so --speaks is not for it";
    if (options->size != 0 && (options->size < SIZE_MIN || options->size > SIZE_MAX_BYTES))
        return "--size is from 32 to 16384 bytes";
    if (options->devices != 0 &&
        (options->scenario != BENCH_COMMANDS || options->speaks == BENCH_MQTT))
        return "--devices is for commands, and not to a broker";
    if (options->devices != 0 &&
        (options->devices < options->connections || options->devices > MAX_CONNECTIONS))
        return "--devices is at least --connections, and at most 1000000";
    if (options->resume && !can_resume(options))
        return "--resume is for connect, storm and dispatch --connect-each";
    return NULL;
}

static bool is_complete(const struct bench_options *options)
{
    const char *problem = missing(options);

    if (problem == NULL)
        problem = senseless(options);
    if (problem != NULL)
        fprintf(stderr, "switchyard bench: %s\n", problem);
    return problem == NULL;
}

bool bench_options_parse(int argc, char **argv, struct bench_options *out, int *status)
{
    *out = (struct bench_options){
        .connections = 64,
        .warm_ms = 1000,
        .for_ms = 5000,
        .runs = 1,
        .quiet = 200,
        .storm = 500,
        .garbage = 16,
        .rate = 5000,
    };
    *status = CTL_USAGE;
    if ((argc > 1 && option_words_is_help(argv[1])) ||
        (argc > 2 && option_words_is_help(argv[2]))) {
        fputs(usage, stdout);
        *status = CTL_OK;
        return false;
    }
    if (argc < 2) {
        fputs(usage, stderr);
        return false;
    }
    if (!parse_scenario(argv[1], &out->scenario) ||
        !option_words_parse(&table, argc - 2, argv + 2, out) || !is_complete(out))
        return false;
    if (out->scenario == BENCH_MIXED) /* who asks dispatch has just lost its link */
        out->connect_each = true;
    return true;
}
