#include "ctl/bench_options.h"

#include "base/nearest.h"
#include "ctl/ctl.h"
#include "ctl/option_words.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: switchyard bench SCENARIO --server HOST:PORT [options]\n"
    "\n"
    "Loads a server over TLS and prints, as one JSON object, how many operations it did and what\n"
    "each cost it in CPU. ./dev bench starts the servers and their peers and runs all of them.\n"
    "\n"
    "  dispatch   POST /dispatch/app, answered before the next on that connection\n"
    "  commands   app -> device -> ack -> app, one command at a time for each pair of the two\n"
    "  links      devices connect, upgrade and register, and stay\n"
    "\n"
    "  --server HOST:PORT  where the server is\n"
    "  --pid PID           the server's process, whose CPU time is read\n"
    "  --connections N     connections, pairs or links (default 64)\n"
    "  --in-flight N       how many connect at the same time (default 32)\n"
    "  --warm DURATION     before the measured time (default 1s)\n"
    "  --for DURATION      the measured time (default 5s)\n"
    "  --token TOKEN       the access token; commands: each pair's index, from 0, is appended\n"
    "  --appid ID          the app it was issued to\n"
    "  --id ID             the first of the devices' consecutive hexadecimal ids\n"
    "  --key KEY           the devices' factory key, the same for all\n"
    "  --connect-each      dispatch: a new connection, not resumed, for every request\n"
    "  --echo              commands, links: the server returns every text message as it is\n"
    "  --hold              links: keep them open until standard input ends\n";

static const struct option_row rows[] = {
    {"--server", OPTION_TEXT, offsetof(struct bench_options, server)},
    {"--pid", OPTION_NUMBER, offsetof(struct bench_options, pid)},
    {"--connections", OPTION_NUMBER, offsetof(struct bench_options, connections)},
    {"--in-flight", OPTION_NUMBER, offsetof(struct bench_options, in_flight)},
    {"--warm", OPTION_DURATION, offsetof(struct bench_options, warm_ms)},
    {"--for", OPTION_DURATION, offsetof(struct bench_options, for_ms)},
    {"--token", OPTION_TEXT, offsetof(struct bench_options, token)},
    {"--appid", OPTION_TEXT, offsetof(struct bench_options, appid)},
    {"--id", OPTION_TEXT, offsetof(struct bench_options, id)},
    {"--key", OPTION_TEXT, offsetof(struct bench_options, key)},
    {"--connect-each", OPTION_FLAG, offsetof(struct bench_options, connect_each)},
    {"--echo", OPTION_FLAG, offsetof(struct bench_options, echo)},
    {"--hold", OPTION_FLAG, offsetof(struct bench_options, hold)},
};

static const struct option_words table = {"switchyard bench", rows, sizeof rows / sizeof *rows};

static const char *const scenario_names[] = {
    [BENCH_DISPATCH] = "dispatch",
    [BENCH_COMMANDS] = "commands",
    [BENCH_LINKS] = "links",
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
    bool needs_app = options->scenario != BENCH_LINKS;
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
