/*
 * bench_options - the command line of `switchyard bench`.
 *
 * Complaints go to stderr, --help to stdout.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

enum bench_scenario { BENCH_DISPATCH, BENCH_COMMANDS, BENCH_IDLE };

/* What the server understands. */
enum bench_dialect {
    BENCH_SWITCHYARD,
    BENCH_ECHO, /* any WebSocket server that returns each text message as it is */
};

/* As given on the command line; the words are borrowed. */
struct bench_options {
    enum bench_scenario scenario;
    const char *server;   /* host:port */
    uint64_t pid;         /* whose CPU is read; 0: nobody's */
    uint64_t connections; /* kept open, or pairs of app and device */
    uint64_t in_flight;   /* how many connect at a time */
    uint64_t warm_ms;
    uint64_t for_ms;
    uint64_t runs;
    const char *token;
    const char *appid;
    const char *id;
    const char *key;
    bool connect_each;
    unsigned speaks; /* enum bench_dialect */
    bool json;
    bool hold;
};

const char *bench_options_scenario_name(enum bench_scenario scenario);

/* False when there is nothing to run: *status (enum ctl_exit) says how the program ends. */
MUST_USE bool bench_options_parse(int argc, char **argv, struct bench_options *out, int *status);
