#include "ctl/bench_options.h"

#include "base/nearest.h"
#include "ctl/bench_result.h"
#include "ctl/ctl.h"
#include "ctl/option_words.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: switchyard bench SCENARIO --server HOST:PORT [options]\n"
    "\n"
    "Loads a server over TLS, and says how many operations it did and what each cost it in CPU.\n"
    "./dev bench starts servers and their peers and runs all of these.\n"
    "\n"
    "  idle       devices connect, upgrade and register, and stay: CPU each, memory of a link\n"
    "  commands   app -> device -> ack -> app, one command at a time for each pair of the two\n"
    "  dispatch   POST /dispatch/app, answered before the next on that connection\n"
    "\n"
    "  --server HOST:PORT  where the server is\n"
    "  --pid PID           the server's process, whose CPU time and memory are read\n"
    "  --speaks DIALECT    switchyard (the default), or echo: any WebSocket server that returns\n"
    "                      each text message as it is; not for dispatch\n"
    "  --connections N     connections, pairs or links (default 64)\n"
    "  --in-flight N       how many connect at the same time (default 32)\n"
    "  --warm DURATION     before the measured time (default 1s)\n"
    "  --for DURATION      the measured time of a run; idle: the time to settle before the\n"
    "                      memory is read (default 5s)\n"
    "  --runs N            so many measured runs (default 1); idle has one\n"
    "  --token TOKEN       the access token; commands: each pair's index, from 0, is appended\n"
    "  --appid ID          the app it was issued to\n"
    "  --id ID             the first of the devices' consecutive hexadecimal ids\n"
    "  --key KEY           the devices' factory key, the same for all\n"
    "  --connect-each      dispatch: a new connection, not resumed, for every request\n"
    "  --hold              idle: keep the links open until standard input ends\n"
    "  --json              one JSON object for machines, as docs/bench.md explains it\n";

static const char *const dialects[] = {
    [BENCH_SWITCHYARD] = "switchyard", [BENCH_ECHO] = "echo", NULL};

static const struct option_row rows[] = {
    {"--server", OPTION_TEXT, offsetof(struct bench_options, server), NULL},
    {"--pid", OPTION_NUMBER, offsetof(struct bench_options, pid), NULL},
    {"--speaks", OPTION_CHOICE, offsetof(struct bench_options, speaks), dialects},
    {"--connections", OPTION_NUMBER, offsetof(struct bench_options, connections), NULL},
    {"--in-flight", OPTION_NUMBER, offsetof(struct bench_options, in_flight), NULL},
    {"--warm", OPTION_DURATION, offsetof(struct bench_options, warm_ms), NULL},
    {"--for", OPTION_DURATION, offsetof(struct bench_options, for_ms), NULL},
    {"--runs", OPTION_NUMBER, offsetof(struct bench_options, runs), NULL},
    {"--token", OPTION_TEXT, offsetof(struct bench_options, token), NULL},
    {"--appid", OPTION_TEXT, offsetof(struct bench_options, appid), NULL},
    {"--id", OPTION_TEXT, offsetof(struct bench_options, id), NULL},
    {"--key", OPTION_TEXT, offsetof(struct bench_options, key), NULL},
    {"--connect-each", OPTION_FLAG, offsetof(struct bench_options, connect_each), NULL},
    {"--hold", OPTION_FLAG, offsetof(struct bench_options, hold), NULL},
    {"--json", OPTION_FLAG, offsetof(struct bench_options, json), NULL},
};

static const struct option_words table = {"switchyard bench", rows, sizeof rows / sizeof *rows};

static const char *const scenario_names[] = {
    [BENCH_DISPATCH] = "dispatch",
    [BENCH_COMMANDS] = "commands",
    [BENCH_IDLE] = "idle",
};

enum { SCENARIOS = sizeof scenario_names / sizeof *scenario_names, MAX_CONNECTIONS = 19000 };

const char *bench_options_scenario_name(enum bench_scenario scenario)
{
    return scenario_names[scenario];
}

static bool parse_scenario(const char *word, enum bench_scenario *out)
{
    const char *nearest;

    for (unsigned i = 0; i < SCENARIOS; i++) {
        if (strcmp(word, scenario_names[i]) == 0) {
            *out = (enum bench_scenario)i;
            return true;
        }
    }
    nearest = nearest_name(str_of(word), scenario_names, SCENARIOS);
    fprintf(stderr, "switchyard bench: no scenario \"%s\"%s%s\n", word,
            nearest == NULL ? "; see --help" : "; did you mean ", nearest == NULL ? "" : nearest);
    return false;
}

static bool is_complete(const struct bench_options *options)
{
    bool needs_app = options->scenario != BENCH_IDLE;
    bool needs_device = options->scenario != BENCH_DISPATCH;
    const char *problem = NULL;

    if (options->server == NULL)
        problem = "--server is missing";
    else if (needs_app && (options->token == NULL || options->appid == NULL))
        problem = "--token and --appid are missing: switchyard ctl token issue shows both";
    else if (needs_device && (options->id == NULL || options->key == NULL))
        problem = "--id and --key are missing: switchyard ctl device create shows both";
    else if (options->connections > MAX_CONNECTIONS)
        problem = "--connections is at most 19000; start more processes";
    else if (options->for_ms == 0)
        problem = "--for must be above 0";
    else if (options->runs > BENCH_RESULT_RUNS_MAX)
        problem = "--runs is at most 99";
    else if (options->scenario == BENCH_IDLE && options->runs > 1)
        problem = "idle has one run: a server that has had links keeps some of their memory";
    else if (options->scenario == BENCH_DISPATCH && options->speaks != BENCH_SWITCHYARD)
        problem = "dispatch asks with HTTP, whatever the server: --speaks is not for it";
    if (problem != NULL)
        fprintf(stderr, "switchyard bench: %s\n", problem);
    return problem == NULL;
}

bool bench_options_parse(int argc, char **argv, struct bench_options *out, int *status)
{
    *out = (struct bench_options){
        .connections = 64,
        .in_flight = 32,
        .warm_ms = 1000,
        .for_ms = 5000,
        .runs = 1,
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
    return parse_scenario(argv[1], &out->scenario) &&
           option_words_parse(&table, argc - 2, argv + 2, out) && is_complete(out);
}
